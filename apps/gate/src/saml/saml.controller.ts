import { Controller, HttpCode, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { samlIdentityOf } from '#libs/federation';
import { AcceptsForm, ErrorsAsPages, type PlatformRequest, Public } from '#libs/platform';
import { BrowserSignIns } from '../sign-in/browser-sign-ins.js';
import { UnreadableAnswerFilter } from '../sign-in/unreadable-answer.filter.js';
import { SamlGuard } from './saml.guard.js';
import type { SamlUser } from './saml.strategy.js';

/** The SAML service provider: takes answers of identity providers. */
@Controller('saml/:connection')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class SamlController {
  constructor(private readonly signIns: BrowserSignIns) {}

  /** Receives the identity provider's answer. Refusals become a page that bears their code, never a redirect. */
  @Post('acs')
  @AcceptsForm()
  @UseGuards(SamlGuard)
  @UseFilters(UnreadableAnswerFilter)
  @HttpCode(303)
  @ApiOperation({
    summary:
      'Takes the identity provider’s answer (HTTP-POST binding); 303 on success, else a page that bears the code',
  })
  async consume(@Req() request: PlatformRequest & { user: SamlUser }, @Res() response: Response): Promise<void> {
    const { connection, assertion, transaction } = request.user;
    await this.signIns.finish(request, response, { connection, identity: samlIdentityOf(assertion), transaction });
  }
}
