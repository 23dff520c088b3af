import { Controller, HttpCode, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptsForm, ErrorsAsPages, type PlatformRequest, Public, traceparentOf } from '#libs/platform';
import { BrowserSessions } from '../session/browser-sessions.js';
import { AssertionUses } from '../sign-in/assertion-uses.js';
import { clientOf } from '../sign-in/client.js';
import { PendingSignIns } from '../sign-in/pending-sign-ins.js';
import { SignInCommand } from '../sign-in/sign-in.handler.js';
import { SignInRefusals } from '../sign-in/sign-in-refusals.js';
import { SamlGuard } from './saml.guard.js';
import type { SamlUser } from './saml.strategy.js';
import { UnreadableAnswerFilter } from './unreadable-answer.filter.js';

/** Where people land whom the identity provider sent unasked: nothing in such an answer may choose the page. */
const LANDING_PAGE = '/me';

/** The SAML service provider: takes answers of identity providers. */
@Controller('saml/:connection')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class SamlController {
  constructor(
    private readonly commands: CommandBus,
    private readonly pending: PendingSignIns,
    private readonly sessions: BrowserSessions,
    private readonly uses: AssertionUses,
    private readonly refusals: SignInRefusals,
  ) {}

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
    const signIn = {
      connection,
      assertion,
      client: clientOf(request),
      requestId: request.id,
      traceparent: traceparentOf(request),
    };
    await this.uses.begin(signIn, transaction?.id ?? null);
    const outcome = await this.commands.execute(new SignInCommand(signIn));
    await this.refusals.recording(signIn, outcome.evidence, () =>
      this.sessions.start(request, response, outcome, {
        connection,
        unasked: transaction === null,
        notOnOrAfter: assertion.sessionNotOnOrAfter,
      }),
    );
    await this.uses.finish(signIn);
    if (transaction) await this.pending.end(response, transaction);
    response.redirect(303, transaction?.returnTo ?? LANDING_PAGE);
  }
}
