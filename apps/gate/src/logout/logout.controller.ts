import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { SamlMessage } from '#libs/federation';
import {
  AcceptsForm,
  CSRF_KEY,
  CsrfRefusedError,
  csrfTokenOf,
  ENVIRONMENT,
  type Environment,
  ErrorsAsPages,
  Pages,
  type PlatformRequest,
  Public,
} from '#libs/platform';
import { handoverPage } from '../handover/handover.page.js';
import { BrowserSessions } from '../session/browser-sessions.js';
import { isSameOrigin } from '../session/same-origin.js';
import { SignOuts } from '../session/sign-outs.js';
import { askToLeavePage, onwardPage, signedOutPage } from './logout.pages.js';
import { newSignOutId, PendingSignOuts } from './pending-sign-outs.js';
import { ProviderSignOuts } from './provider-sign-outs.js';

/** The way out: of this installation first, then of the identity provider, where that can be asked. */
@Controller('logout')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class LogoutController {
  constructor(
    private readonly pages: Pages,
    private readonly sessions: BrowserSessions,
    private readonly signOuts: SignOuts,
    private readonly pending: PendingSignOuts,
    private readonly providers: ProviderSignOuts,
    @Inject(CSRF_KEY) private readonly csrfKey: Buffer,
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'publicUrl'>,
  ) {}

  /** Also where OpenID providers send people back to, with the `state` that they were given. */
  @Get()
  @ApiOperation({ summary: 'Sign-out page; says so when nobody is signed in' })
  async askToLeave(@Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const session = await this.sessions.of(request);
    const asked = this.pending.of(request);
    const answered = asked !== null && request.query['state'] === asked;
    if (answered) this.pending.end(response);
    const body = session
      ? askToLeavePage(csrfTokenOf(this.csrfKey, session.token))
      : signedOutPage(answered ? 'everywhere' : 'here');
    this.pages.send(response, { title: 'Sign out', width: 'narrow', body });
  }

  @Post()
  @HttpCode(303)
  @AcceptsForm()
  @ApiOperation({ summary: 'End the session, here and then at its identity provider where the connection has that' })
  async leave(@Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const session = await this.sessions.of(request);
    if (!session) return response.redirect(303, '/logout');
    if (!this.#fromOurPage(request, session.token)) throw new CsrfRefusedError();
    const left = await this.providers.remember(session);
    await this.signOuts.record(session, request.id);
    await this.sessions.end(response, session.token);
    const id = newSignOutId();
    const message = left && (await this.providers.ask(left, id));
    if (message === null) return response.redirect(303, '/logout');
    if (message === 'failed') return this.#send(response, signedOutPage('unsure'));
    this.pending.begin(response, id);
    this.#leadOn(response, message);
  }

  #leadOn(response: Response, message: SamlMessage): void {
    const isForm = message.binding === 'post';
    const body = (nonce: string) =>
      isForm ? handoverPage(message, nonce, 'Sign out') : onwardPage(message.url, nonce);
    this.#send(response, body, isForm ? [message.url] : []);
  }

  #send(response: Response, body: Parameters<Pages['send']>[1]['body'], formActions: readonly string[] = []): void {
    this.pages.send(response, { title: 'Sign out', width: 'narrow', body, formActions });
  }

  #fromOurPage(request: PlatformRequest, token: string): boolean {
    const offered = (request.body as { csrf?: unknown } | undefined)?.csrf;
    return isSameOrigin(request, this.environment.publicUrl) && offered === csrfTokenOf(this.csrfKey, token);
  }
}
