import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { SetupLinkInvalidError } from '#libs/domain';
import {
  AcceptsForm,
  ENVIRONMENT,
  type Environment,
  ErrorsAsPages,
  Pages,
  type PlatformRequest,
  Public,
} from '#libs/platform';
import { isSameOrigin } from '../session/same-origin.js';
import { SignInStart } from '../sign-in/sign-in-start.js';
import { connectionSetupPage } from './connection-setup.page.js';
import { ConnectionSetups } from './connection-setups.js';
import { keyPage, linkForConnectionPage, linkForKeyPage } from './setup.pages.js';
import { SetupLinks } from './setup-links.js';
import { readSetupPage, readSetupToken } from './setup-token.js';

/** One-time links for administrators: a page that explains, a button that uses the link up. Opening the page uses nothing up. */
@Controller('setup/:token')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class SetupController {
  constructor(
    private readonly pages: Pages,
    private readonly links: SetupLinks,
    private readonly connections: ConnectionSetups,
    private readonly start: SignInStart,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  @ApiOperation({ summary: 'One-time link: what it does; or the set-up page of a connection that one has opened' })
  async ask(@Param('token') token: string, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    if (readSetupPage(token)) return this.#setUp(request, response, token);
    const body =
      readSetupToken(token).connection === null
        ? linkForKeyPage(token, await this.links.find(token))
        : linkForConnectionPage(token, await this.connections.find(token));
    this.pages.send(response, { title: 'Set up', width: 'narrow', body });
  }

  @Post()
  @HttpCode(200)
  @AcceptsForm()
  @ApiOperation({
    summary: 'Use a one-time link up: for an administrator’s key, or for the set-up page of a connection',
  })
  async use(@Param('token') token: string, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    if (!isSameOrigin(request, this.environment.publicUrl)) throw new SetupLinkInvalidError();
    if (readSetupToken(token).connection !== null)
      return response.redirect(303, await this.connections.open(token, request.id, response));
    const key = await this.links.use(token, request.id);
    this.pages.send(response, { title: 'Your key', width: 'narrow', body: keyPage(key) });
  }

  /** Leads to the identity provider; what it answers is shown, and changes nothing. The connection need not be enabled. */
  @Get('test')
  @ApiOperation({ summary: 'Try a sign-in out from the set-up page of a connection: nobody is signed in' })
  async test(@Param('token') token: string, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const { connection, link } = await this.connections.of(request, token);
    await this.start.begin(request, response, {
      connection,
      returnTo: `/setup/${token}`,
      contexts: [],
      anew: false,
      testOf: link,
    });
  }

  async #setUp(request: PlatformRequest, response: Response, page: string): Promise<void> {
    const setup = await this.connections.of(request, page);
    const body = connectionSetupPage(setup, { publicUrl: this.environment.publicUrl, testHref: `/setup/${page}/test` });
    this.pages.send(response, { title: 'Set up a connection', body });
  }
}
