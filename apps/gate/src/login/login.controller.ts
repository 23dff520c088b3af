import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { SignInRefusedError } from '#libs/domain';
import {
  AcceptsForm,
  CATALOG,
  ENVIRONMENT,
  type Environment,
  ErrorsAsPages,
  Pages,
  type PlatformRequest,
  Public,
} from '#libs/platform';
import { isCrossSite } from '../session/same-origin.js';
import { known } from '../settings/known-connection.js';
import { SignInStart } from '../sign-in/sign-in-start.js';
import { UnknownConnectionError } from '../sign-in/unknown-connection.error.js';
import { requestedContexts } from './authentication-contexts.js';
import { connectionsOf, type LoginChoice, listedConnections, toChoice } from './connection-choice.js';
import { LoginForm, LoginQuery } from './login.dto.js';
import { foundPage, loginPage } from './login.page.js';
import { returnToOf } from './return-to.js';

/** Where signing in begins: choose a connection, or be led to it by the domain of an e-mail address. */
@Controller('login')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class LoginController {
  constructor(
    private readonly pages: Pages,
    private readonly start: SignInStart,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Sign-in page' })
  async choose(@Query() query: LoginQuery, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const canonical = this.#elsewhere(request);
    if (canonical) return response.redirect(302, canonical);
    const choices = listedConnections(await this.catalog.current(), query);
    const [only, ...others] = choices;
    // an application that admits one connection leaves nothing to choose
    if (query.connections !== undefined && only && others.length === 0) return response.redirect(302, only.href);
    await this.#page(response, query, choices, null);
  }

  /**
   * Discovers the connections that speak for the domain. An unknown domain is told as such: domains of companies are no secret, and whether
   * a person has an account is not looked at.
   */
  @Post()
  @HttpCode(200)
  @AcceptsForm()
  @ApiOperation({ summary: 'Find the connection for an e-mail domain' })
  async discover(@Body() form: LoginForm, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const found = connectionsOf(await this.catalog.current(), form.email).map((connection) =>
      toChoice(connection, form),
    );
    const [first] = found;
    if (!first) {
      const notice = 'No connection signs in people of this domain. Check the address, or ask your administrator.';
      return this.#page(response, form, [], notice);
    }
    // no redirect: browsers hold the page's form-action policy against every hop after a form, and the last one is the identity provider
    // and what another site has sent is not followed as if the person had wanted it
    if (found.length === 1 && !isCrossSite(request)) response.set('Refresh', `0; url=${first.href}`);
    this.pages.send(response, { title: 'Sign in', width: 'narrow', body: foundPage(found) });
  }

  @Get(':connection')
  @ApiOperation({ summary: 'Begin to sign in through a connection: leads to its identity provider' })
  async begin(
    @Param('connection') id: string,
    @Query() query: LoginQuery,
    @Req() request: PlatformRequest,
    @Res() response: Response,
  ): Promise<void> {
    const canonical = this.#elsewhere(request);
    if (canonical) return response.redirect(302, canonical);
    const connection = known((await this.catalog.current()).connection(id));
    if (!connection) throw new UnknownConnectionError();
    if (!connection.enabled) throw new SignInRefusedError('connection-disabled');
    await this.start.begin(request, response, {
      connection,
      returnTo: returnToOf(query.returnTo),
      contexts: requestedContexts(query.acr, connection.settings),
      anew: query.prompt === 'login',
      testOf: null,
    });
  }

  /** Cookies belong to one host name: a person who came by another one is led to the public address first. */
  #elsewhere(request: PlatformRequest): string | null {
    const { publicUrl } = this.environment;
    return request.get('host') === new URL(publicUrl).host ? null : `${publicUrl}${request.originalUrl}`;
  }

  async #page(
    response: Response,
    query: LoginQuery,
    choices: readonly LoginChoice[],
    notice: string | null,
  ): Promise<void> {
    const catalog = await this.catalog.current();
    const mayDiscover = choices.length === 0 && query.connections === undefined;
    const byEmail = mayDiscover && catalog.connections().some(({ enabled }) => enabled);
    const status = notice === null ? 200 : 404;
    const body = loginPage({ choices, byEmail, notice, query });
    this.pages.send(response, { title: 'Sign in', width: 'narrow', status, body });
  }
}
