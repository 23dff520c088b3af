import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type PlatformRequest, Public } from '#libs/platform';
import { EventHooks } from './event-hooks.js';
import { MalformedEventHookError } from './signals.errors.js';

const CHALLENGE = /^[\x21-\x7e]{1,1024}$/;

/** Where Okta sends its event hooks. */
@Controller('signals/:connection/event-hook')
@ApiTags('sign-in')
@Public()
export class EventHooksController {
  constructor(private readonly hooks: EventHooks) {}

  @Get()
  @ApiOperation({ summary: 'Answers the challenge by which Okta finds out that the address is ours' })
  async answerChallenge(
    @Param('connection') id: string,
    @Req() request: PlatformRequest,
    @Res() response: Response,
  ): Promise<void> {
    await this.hooks.connectionOf(request, id);
    const challenge = request.get('x-okta-verification-challenge') ?? '';
    if (!CHALLENGE.test(challenge)) throw new MalformedEventHookError('a challenge in X-Okta-Verification-Challenge');
    response.set('Cache-Control', 'no-store').json({ verification: challenge });
  }

  @Post()
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes an Okta event hook: a hint, which ends sessions and does nothing more' })
  async take(@Param('connection') id: string, @Req() request: PlatformRequest): Promise<void> {
    await this.hooks.take(request, await this.hooks.connectionOf(request, id));
  }
}
