import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { html } from '#libs/html';
import type { AuthorizationInteraction } from '#libs/openid-provider';
import {
  CLOCK,
  type Clock,
  ErrorsAsPages,
  headingOf,
  NotFoundError,
  Pages,
  type PlatformRequest,
  Public,
} from '#libs/platform';
import { BrowserSessions } from '../session/browser-sessions.js';
import { type Admission, ApplicationAdmission } from './application-admission.js';
import { ApplicationPeople, type UsableClient } from './application-people.js';
import { ApplicationRecords } from './application-records.js';
import { ApplicationRefusedError } from './application-refused.error.js';
import { Authorizations } from './authorizations.js';
import { INTERACTION_PATH, OpProvider } from './op.provider.js';

/** A person's part of an application's request: sign in where that is needed, then go back; there is nothing to consent to. */
@Controller('op/interaction')
@ApiExcludeController()
@Public()
@ErrorsAsPages()
export class InteractionController {
  constructor(
    private readonly provider: OpProvider,
    private readonly people: ApplicationPeople,
    private readonly admission: ApplicationAdmission,
    private readonly authorizations: Authorizations,
    private readonly records: ApplicationRecords,
    private readonly sessions: BrowserSessions,
    private readonly pages: Pages,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':uid')
  async decide(@Param('uid') uid: string, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    const provider = await this.provider.current();
    const interaction = await provider.interaction(request, response);
    if (interaction.uid !== uid) throw new NotFoundError('request of an application');
    const client = await this.people.client(interaction.clientId);
    if (!client) throw new NotFoundError('application');
    const session = await this.sessions.of(request);
    const admission = await this.admission.decide(client, session, interaction.demands(this.clock.now()));
    if (admission.kind === 'sign-in') return this.#toSignIn(response, interaction, admission);
    if (admission.kind === 'refused') return this.#refuse(request, response, interaction, client, admission);
    await this.#admit(request, response, interaction, client, admission);
  }

  async #toSignIn(
    response: Response,
    interaction: AuthorizationInteraction,
    { connections, contexts, anew }: Extract<Admission, { kind: 'sign-in' }>,
  ): Promise<void> {
    await interaction.sentToSignIn(this.clock.now());
    const query = new URLSearchParams({
      returnTo: `${INTERACTION_PATH}/${interaction.uid}`,
      connections: connections.join(','),
      ...(contexts.length > 0 ? { acr: contexts.join(' ') } : {}),
      ...(anew ? { prompt: 'login' } : {}),
    });
    response.redirect(303, `/login?${query}`);
  }

  /** Says why on a page of ours, from which the person goes back to the application with `access_denied`. */
  async #refuse(
    request: PlatformRequest,
    response: Response,
    interaction: AuthorizationInteraction,
    client: UsableClient,
    { code, session }: Extract<Admission, { kind: 'refused' }>,
  ): Promise<void> {
    if (session)
      await this.records.refused(client, session, code, {
        id: interaction.publicName,
        correlationId: request.id,
        silent: false,
      });
    const back = await interaction.refuse(code);
    const { message } = new ApplicationRefusedError(code);
    this.pages.send(response, {
      status: 403,
      title: headingOf(403),
      width: 'narrow',
      body: html`<h1>No access to ${client.settings.name}</h1>
<p class="notice warn" role="alert">${message}</p>
<dl><dt>Code</dt><dd><code>${code}</code></dd><dt>Request</dt><dd><code>${request.id}</code></dd></dl>
<p><a class="button wide" href="${back}">Back to ${client.settings.name}</a></p>
<p><a href="/me">What you have access to</a></p>`,
    });
  }

  async #admit(
    request: PlatformRequest,
    response: Response,
    interaction: AuthorizationInteraction,
    client: UsableClient,
    { session, person }: Extract<Admission, { kind: 'admitted' }>,
  ): Promise<void> {
    const { engine } = await this.provider.current();
    const authorized = { client, session, person, scope: interaction.scope };
    await interaction.belongsTo(session.account);
    const grantId = await this.authorizations.forSession(engine, authorized, interaction.grantId);
    await this.records.signedIn(client, session, person, {
      id: interaction.publicName,
      correlationId: request.id,
      silent: false,
    });
    const back = await interaction.admit({
      account: session.account,
      grantId,
      signedInAt: session.createdAt,
      context: session.authentication?.context ?? null,
      methods: session.authentication?.methods ?? [],
    });
    response.redirect(303, back);
  }
}
