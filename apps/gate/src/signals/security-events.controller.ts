import { Body, Controller, HttpCode, Param, Post, Req, UseFilters } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AcceptsSecurityEvent, type PlatformRequest, Public } from '#libs/platform';
import { SecurityEventsFilter } from './security-events.filter.js';
import { SecurityEvents } from './security-events.js';

/** Where identity providers push security event tokens. */
@Controller('signals/:connection')
@ApiTags('sign-in')
@Public()
@UseFilters(SecurityEventsFilter)
export class SecurityEventsController {
  constructor(private readonly events: SecurityEvents) {}

  /** It is answered when everything that follows has been done: nothing waits in a queue that could be lost. */
  @Post()
  @HttpCode(202)
  @AcceptsSecurityEvent()
  @ApiBody({ schema: { type: 'string' } })
  @ApiOperation({ summary: 'Takes a security event token by push (RFC 8935): 202, or 400 with `err`' })
  async take(@Param('connection') id: string, @Body() token: unknown, @Req() request: PlatformRequest): Promise<void> {
    await this.events.take(request, id, typeof token === 'string' ? token.trim() : '');
  }
}
