import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { accountDecider } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import {
  CATALOG,
  CLOCK,
  type Clock,
  CSRF_KEY,
  csrfTokenOf,
  ErrorsAsPages,
  Pages,
  type PlatformRequest,
  Public,
  personalNav,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import { BrowserSessions } from '../session/browser-sessions.js';
import { mePage } from './me.page.js';

/** The person's own page: who am I, what do I hold and why. */
@Controller()
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class MeController {
  constructor(
    private readonly pages: Pages,
    private readonly sessions: BrowserSessions,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CSRF_KEY) private readonly csrfKey: Buffer,
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
    this.pages.send(response, { title: 'My access', nav: personalNav, body });
  }
}
