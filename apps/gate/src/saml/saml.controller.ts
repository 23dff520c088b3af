import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { createSpMetadata } from '#libs/federation';
import {
  AcceptsForm,
  CATALOG,
  ENVIRONMENT,
  type Environment,
  ErrorsAsPages,
  type PlatformRequest,
  Public,
} from '#libs/platform';
import { BrowserSessions } from '../session/browser-sessions.js';
import { AssertionUses } from '../sign-in/assertion-uses.js';
import { clientOf } from '../sign-in/client.js';
import { PendingSignIns } from '../sign-in/pending-sign-ins.js';
import { SignInCommand } from '../sign-in/sign-in.handler.js';
import { samlSettingsOf } from './connection-settings.js';
import { SamlGuard } from './saml.guard.js';
import type { SamlUser } from './saml.strategy.js';
import { UnknownConnectionError } from './unknown-connection.error.js';

/** Where people land whom the identity provider sent unasked: nothing in such an answer may choose the page. */
const LANDING_PAGE = '/me';

/** The SAML service provider: takes answers of identity providers, and describes itself to their administrators. */
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
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Receives the identity provider's answer. Refusals become a page that bears their code, never a redirect. */
  @Post('acs')
  @AcceptsForm()
  @UseGuards(SamlGuard)
  @HttpCode(303)
  @ApiExcludeEndpoint()
  async consume(@Req() request: PlatformRequest & { user: SamlUser }, @Res() response: Response): Promise<void> {
    const { connection, assertion, transaction } = request.user;
    const signIn = { connection, assertion, client: clientOf(request), requestId: request.id };
    await this.uses.begin(signIn, transaction?.id ?? null);
    const outcome = await this.commands.execute(new SignInCommand(signIn));
    await this.sessions.start(request, response, outcome, {
      connection,
      unasked: transaction === null,
      notOnOrAfter: assertion.sessionNotOnOrAfter,
    });
    await this.uses.finish(signIn);
    if (transaction) await this.pending.end(response, transaction);
    response.redirect(303, transaction?.returnTo ?? LANDING_PAGE);
  }

  /** Describes this service provider: entity id, address for answers, wish for signed assertions. */
  @Get('metadata')
  @ApiOperation({ summary: 'SAML metadata of this service provider for one connection' })
  async metadata(@Param('connection') id: string, @Res() response: Response): Promise<void> {
    const settings = (await this.catalog.current()).connection(id)?.settings;
    if (!settings) throw new UnknownConnectionError();
    response
      .type('application/samlmetadata+xml')
      .send(createSpMetadata(samlSettingsOf(id, settings, this.environment.publicUrl)));
  }
}
