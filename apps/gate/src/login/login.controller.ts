import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { Response } from 'express';
import type { Catalog, CatalogView } from '#libs/catalog';
import { samlSettingsOf } from '#libs/configuration';
import { domainOf, SignInRefusedError } from '#libs/domain';
import { createAuthnRequest } from '#libs/federation';
import {
  AcceptsForm,
  CATALOG,
  CLOCK,
  type Clock,
  ENVIRONMENT,
  type Environment,
  ErrorsAsPages,
  Pages,
  type PlatformRequest,
  Public,
} from '#libs/platform';
import { UnknownConnectionError } from '../saml/unknown-connection.error.js';
import { PendingSignIns } from '../sign-in/pending-sign-ins.js';
import { foundPage, type LoginChoice, loginPage } from './login.page.js';
import { returnToOf } from './return-to.js';

/** Connections that the page lists; with more, or with several tenants, people name their e-mail address instead. */
const LISTED_MAX = 12;

/** Where to go after signing in. */
export class LoginQuery {
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  returnTo?: string;
}

/** The e-mail address that leads to a connection. Only its domain is looked at; it is neither kept nor logged. */
export class LoginForm extends LoginQuery {
  @IsString()
  @MaxLength(320)
  email!: string;
}

/** Where signing in begins: choose a connection, or be led to it by the domain of an e-mail address. */
@Controller('login')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class LoginController {
  constructor(
    private readonly pages: Pages,
    private readonly pending: PendingSignIns,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Sign-in page' })
  async choose(@Query() query: LoginQuery, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const canonical = this.#elsewhere(request);
    if (canonical) response.redirect(302, canonical);
    else await this.#page(response, query, null);
  }

  /** Discovers the connection that owns the domain. An unknown domain is told as such: domains of companies are no secret. */
  @Post()
  @HttpCode(200)
  @AcceptsForm()
  @ApiOperation({ summary: 'Find the connection for an e-mail domain' })
  async discover(@Body() form: LoginForm, @Res() response: Response): Promise<void> {
    const domain = domainOf(form.email.trim());
    const found = (await this.catalog.current())
      .connections()
      .find(({ enabled, settings }) => enabled && settings?.domains.includes(domain));
    if (!found)
      return this.#page(
        response,
        form,
        'No connection signs in people of this domain. Check the address, or ask your administrator.',
      );
    // no redirect: browsers hold the page's form-action policy against every hop after a form, and the last one is the identity provider
    const href = `/login/${found.id}?returnTo=${encodeURIComponent(returnToOf(form.returnTo))}`;
    response.set('Refresh', `0; url=${href}`);
    this.pages.send(response, { title: 'Sign in', width: 'narrow', body: foundPage({ id: found.id, href }) });
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
    const connection = (await this.catalog.current()).connection(id);
    if (!connection?.settings) throw new UnknownConnectionError();
    if (!connection.enabled) throw new SignInRefusedError('connection-disabled');
    const settings = samlSettingsOf(id, connection.settings, this.environment.publicUrl);
    const { id: relayState, requestId } = await this.pending.begin(request, response, {
      connection: id,
      returnTo: returnToOf(query.returnTo),
    });
    const { url } = await createAuthnRequest(settings, { requestId, relayState, now: this.clock.now() });
    response.redirect(302, url);
  }

  /** Cookies belong to one host name: a person who came by another one is led to the public address first. */
  #elsewhere(request: PlatformRequest): string | null {
    const { publicUrl } = this.environment;
    return request.get('host') === new URL(publicUrl).host ? null : `${publicUrl}${request.originalUrl}`;
  }

  async #page(response: Response, { returnTo }: LoginQuery, notice: string | null): Promise<void> {
    const safe = returnToOf(returnTo);
    const catalog = await this.catalog.current();
    const choices = listed(catalog, safe);
    this.pages.send(response, {
      title: 'Sign in',
      width: 'narrow',
      status: notice === null ? 200 : 404,
      body: loginPage({
        choices,
        byEmail: choices.length === 0 && catalog.connections().some(({ enabled }) => enabled),
        notice,
        returnTo: safe,
      }),
    });
  }
}

/** Lists the connections of an installation with one customer; with several, a list would tell who the customers are. */
function listed(catalog: CatalogView, returnTo: string): LoginChoice[] {
  const enabled = catalog.connections().filter((connection) => connection.enabled);
  const tenants = new Set(enabled.map(({ tenant }) => tenant));
  if (tenants.size > 1 || enabled.length > LISTED_MAX) return [];
  return enabled.map(({ id }) => ({ id, href: `/login/${id}?returnTo=${encodeURIComponent(returnTo)}` }));
}
