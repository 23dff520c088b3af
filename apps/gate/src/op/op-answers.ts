import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { ApplicationGrants, KoaContextWithOIDC, SilentAnswer } from '#libs/openid-provider';
import type { PlatformRequest } from '#libs/platform';
import { BrowserSessions } from '../session/browser-sessions.js';
import { SignOuts } from '../session/sign-outs.js';
import { ApplicationAdmission } from './application-admission.js';
import { ApplicationPeople } from './application-people.js';
import { ApplicationRecords } from './application-records.js';
import { Authorizations } from './authorizations.js';
import { APPLICATION_GRANTS } from './op.tokens.js';

/** What Gatebook does beside the protocol engine's own answers. */
@Injectable()
export class OpAnswers {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly signOuts: SignOuts,
    private readonly people: ApplicationPeople,
    private readonly admission: ApplicationAdmission,
    private readonly authorizations: Authorizations,
    private readonly records: ApplicationRecords,
    @Inject(APPLICATION_GRANTS) private readonly grants: ApplicationGrants,
  ) {}

  /** Decides a request that must not show a page: only where the person would come in at once, with what the client has already. */
  async silent(context: KoaContextWithOIDC): Promise<SilentAnswer> {
    const { oidc } = context;
    const request = requestOf(context);
    const client = await this.people.client(oidc.client?.clientId ?? '');
    const session = await this.sessions.of(request);
    const grantId = client ? oidc.session?.grantIdFor(client.id) : undefined;
    if (!client || !grantId || session?.account !== oidc.session?.accountId) return 'needs-interaction';
    const admission = await this.admission.decide(client, session, { after: null, sentAt: null });
    if (admission.kind !== 'admitted') return 'needs-interaction';
    // what an earlier sign-in was given ends with that one: it is not carried over into this
    if (!(await this.authorizations.ofSession({ client, session: admission.session }, grantId)))
      return 'needs-interaction';
    const named = { id: request.id, correlationId: request.id, silent: true };
    await this.records.signedIn(client, admission.session, admission.person, named);
    return 'admitted';
  }

  /** After an answer: the session's name at the client is kept, and whoever signed out at the provider is signed out everywhere. */
  async answered(context: KoaContextWithOIDC): Promise<void> {
    const { oidc } = context;
    const { AuthorizationCode: code } = oidc.entities;
    if (code?.grantId && code.sid) await this.grants.nameSession(code.grantId, code.sid);
    const endedNow = oidc.route === 'end_session_confirm' && context.status === 303 && oidc.params?.['logout'];
    if (endedNow) await this.signOut(context);
  }

  /**
   * What the provider's session was given ends with it, whether or not the browser still has a session here. That one ends too if it is the
   * same person's: the engine asked them, by a form that only its session could send. Where it knows nobody it sends the form by itself, so
   * that whoever leads a browser there ends nothing: then it is ours to ask.
   */
  private async signOut(context: KoaContextWithOIDC): Promise<void> {
    const request = requestOf(context);
    const { accountId: account, authorizations = {} } = context.oidc.session ?? {};
    const session = await this.sessions.of(request);
    const isTheirs = session !== null && session.account === account;
    const given = await this.grants.openAmong(Object.values(authorizations).flatMap(({ grantId }) => grantId ?? []));
    const over = [...(isTheirs ? [session] : []), ...given.filter((grant) => grant.account === account)];
    for (const one of new Map(over.map((ended) => [ended.signIn, ended])).values())
      await this.signOuts.record(one, request.id);
    if (isTheirs) await this.sessions.end(responseOf(context), session.token);
    else if (session && isNowhere(context)) context.redirect('/logout');
  }
}

/** Whether the answer leads to the provider's own last page, and not back to an application. */
const isNowhere = ({ oidc, response }: KoaContextWithOIDC): boolean =>
  response.get('location').split('?')[0] === oidc.urlFor('end_session_success');

const requestOf = ({ req }: KoaContextWithOIDC): PlatformRequest => req as unknown as PlatformRequest;
const responseOf = ({ res }: KoaContextWithOIDC): Response => res as unknown as Response;
