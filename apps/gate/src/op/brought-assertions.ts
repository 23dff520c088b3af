import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { ClientState } from '#libs/domain';
import { DomainError } from '#libs/kernel';
import type { BearerAnswer, BringsAssertion, KoaContextWithOIDC, OpenIdProvider } from '#libs/openid-provider';
import { CATALOG, CLOCK, type Clock, type PlatformRequest, traceparentOf } from '#libs/platform';
import { type BearerSignedIn, BearerSignIns } from '../sign-in/bearer-sign-ins.js';
import { clientOf } from '../sign-in/client.js';
import { ApplicationPeople, type PersonInApplication, type UsableClient } from './application-people.js';
import { ApplicationRecords } from './application-records.js';
import type { ApplicationRefusalCode } from './application-refused.error.js';
import { meetsContext } from './authentication-contexts.js';
import { Authorizations } from './authorizations.js';

/** How long what comes of an assertion lives, in milliseconds: then the client brings another one. */
const ASSERTED_LIFE_MS = 3_600_000;

type BearerRefusalCode = Extract<ApplicationRefusalCode, 'stronger-authentication-required' | 'no-role-in-application'>;

/** What the client's developer reads. */
const REFUSED: Readonly<Record<BearerRefusalCode, string>> = {
  'stronger-authentication-required': 'the issuer did not report an authentication that this application requires',
  'no-role-in-application': 'the person holds no role in this application',
};

/** Lets clients act for people about whom they bring an assertion (RFC 7523), through connections of the protocol `jwt` that the client names. */
@Injectable()
export class BroughtAssertions {
  constructor(
    private readonly people: ApplicationPeople,
    private readonly signIns: BearerSignIns,
    private readonly authorizations: Authorizations,
    private readonly records: ApplicationRecords,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether any of the client's connections takes assertions. */
  mayBring({ settings }: ClientState): boolean {
    const view = this.catalog.lastRead();
    return (settings?.connections ?? []).some((id) => view.connection(id)?.settings?.protocol === 'jwt');
  }

  /** Signs the person in, then opens what the client is given; what refuses the person refuses the client. */
  async bring(
    context: KoaContextWithOIDC,
    { clientId, assertion, scope }: Parameters<BringsAssertion>[1],
    provider: () => Promise<OpenIdProvider>,
  ): Promise<BearerAnswer> {
    const request = context.req as unknown as PlatformRequest;
    const client = await this.people.client(clientId);
    const connection = client && (await this.signIns.connectionFor(assertion, client.tenant));
    if (!client || !connection || !client.settings.connections.includes(connection))
      return { refused: 'no connection of this client trusts the issuer of the assertion' };
    try {
      const { account, evidence, expiresAt, identity } = await this.signIns.signIn({
        connection,
        assertion,
        client: clientOf(request),
        requestId: request.id,
        traceparent: traceparentOf(request),
      });
      const person = await this.people.read(client, account);
      const now = this.clock.now();
      const longest = new Date(now.getTime() + ASSERTED_LIFE_MS);
      const endsAt = expiresAt !== null && new Date(expiresAt) < longest ? new Date(expiresAt) : longest;
      const session = { tenant: client.tenant, account, connection, signIn: evidence, createdAt: now, endsAt };
      const named = { id: request.id, correlationId: request.id, silent: true };
      const code = this.#refusalOf(client, connection, identity, person);
      if (code !== null) {
        await this.records.refused(client, session, code, named);
        return { refused: REFUSED[code] };
      }
      const { engine } = await provider();
      const grantId = await this.authorizations.open(engine, { client, session, person, scope });
      await this.records.signedIn(client, session, person, named);
      return { account, grantId };
    } catch (error) {
      if (error instanceof DomainError && error.kind !== 'unavailable') return { refused: error.code };
      throw error;
    }
  }

  /** The same that a person in a browser has to meet. */
  #refusalOf(
    { settings }: UsableClient,
    connectionId: string,
    { evidence }: BearerSignedIn['identity'],
    { access }: PersonInApplication,
  ): BearerRefusalCode | null {
    const connection = this.catalog.lastRead().connection(connectionId);
    const how = { context: evidence.authnContext, methods: evidence.amr };
    if (!connection || !meetsContext(how, settings.requireAuthenticationContext, connection))
      return 'stronger-authentication-required';
    return access.roles.length === 0 && !settings.admitWithoutRole ? 'no-role-in-application' : null;
  }
}
