import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { accountDecider } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { html } from '#libs/html';
import { streamName } from '#libs/kernel';
import {
  AcceptsForm,
  CATALOG,
  CLOCK,
  type Clock,
  CSRF_KEY,
  CsrfRefusedError,
  csrfTokenOf,
  ENVIRONMENT,
  type Environment,
  ErrorsAsPages,
  Pages,
  type PlatformRequest,
  Public,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import { BrowserSessions } from '../session/browser-sessions.js';
import { isSameOrigin } from '../session/same-origin.js';
import { SignOuts } from '../session/sign-outs.js';
import { mePage } from './me.page.js';

/** The person's own pages: who am I, what do I hold and why; and the way out. */
@Controller()
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class MeController {
  constructor(
    private readonly pages: Pages,
    private readonly sessions: BrowserSessions,
    private readonly signOuts: SignOuts,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CSRF_KEY) private readonly csrfKey: Buffer,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  @ApiExcludeEndpoint()
  home(@Res() response: Response): void {
    response.redirect(302, '/me');
  }

  @Get('me')
  @ApiOperation({ summary: 'Who am I, what do I hold and why (a page; without a session it leads to /login)' })
  async me(@Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const session = await this.sessions.of(request);
    if (!session) return response.redirect(302, '/login?returnTo=/me');
    const { tenant, account } = session;
    const { state } = await readAggregate(
      this.path,
      streamName({ category: 'account', tenant, id: account }),
      accountDecider,
    );
    const csrf = csrfTokenOf(this.csrfKey, session.token);
    const body = mePage(state, {
      catalog: await this.catalog.current(),
      tenant,
      now: this.clock.now().toISOString(),
      csrf,
    });
    this.pages.send(response, { title: 'My access', body });
  }

  @Get('logout')
  @ApiOperation({ summary: 'Sign-out page' })
  async askToLeave(@Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const session = await this.sessions.of(request);
    const body = session
      ? html`<h1>Sign out</h1><form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrfTokenOf(this.csrfKey, session.token)}"><p><button class="wide">Sign out</button></p></form>`
      : html`<h1>You are signed out</h1><p><a class="button wide" href="/login">Sign in again</a></p>`;
    this.pages.send(response, { title: 'Sign out', width: 'narrow', body });
  }

  @Post('logout')
  @HttpCode(303)
  @AcceptsForm()
  @ApiOperation({ summary: 'End the session' })
  async leave(@Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const session = await this.sessions.of(request);
    if (session) {
      if (!this.#fromOurPage(request, session.token)) throw new CsrfRefusedError();
      await this.signOuts.record(session, request.id);
      await this.sessions.end(response, session.token);
    }
    response.redirect(303, '/logout');
  }

  #fromOurPage(request: PlatformRequest, token: string): boolean {
    const offered = (request.body as { csrf?: unknown } | undefined)?.csrf;
    return isSameOrigin(request, this.environment.publicUrl) && offered === csrfTokenOf(this.csrfKey, token);
  }
}
