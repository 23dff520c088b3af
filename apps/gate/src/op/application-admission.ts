import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import type { ConnectionState } from '#libs/domain';
import type { Authentication, LiveSession } from '#libs/identity';
import { CATALOG } from '#libs/platform';
import { ApplicationPeople, type PersonInApplication, type UsableClient } from './application-people.js';
import type { ApplicationRefusalCode } from './application-refused.error.js';
import { meetsContext } from './authentication-contexts.js';

/** How far the clock of a source may be behind ours, in milliseconds. */
const SOURCE_CLOCK_SKEW_MS = 60_000;

/** What an application asks of the sign-in itself. */
export interface SignInDemands {
  /** Only a sign-in after this instant will do; null: any. */
  readonly after: Date | null;
  /** When the person was last sent to sign in for this request; null: not yet. */
  readonly sentAt: Date | null;
}

/** Whether a person comes in to an application. */
export type Admission =
  | { readonly kind: 'admitted'; readonly session: LiveSession; readonly person: PersonInApplication }
  | { readonly kind: 'refused'; readonly code: ApplicationRefusalCode; readonly session: LiveSession | null }
  /** The person has to sign in (again) first, through one of these connections. */
  | {
      readonly kind: 'sign-in';
      readonly connections: readonly string[];
      readonly contexts: readonly string[];
      /** Whether the source must ask who it is, since what it knows from before will not do. */
      readonly anew: boolean;
    };

/** Decides who comes in to which application, by the browser's session and what holds now. */
@Injectable()
export class ApplicationAdmission {
  constructor(
    private readonly people: ApplicationPeople,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** A session that will not do sends the person to sign in once; if the one that comes of it will not do either, that is the answer. */
  async decide(client: UsableClient, session: LiveSession | null, demands: SignInDemands): Promise<Admission> {
    const connections = this.#openConnections(client);
    if (connections.length === 0) return { kind: 'refused', code: 'no-way-of-signing-in', session };
    const problem = session ? this.#problemOf(client, session, demands) : 'no-session';
    if (problem === null && session) return this.#byRoles(client, session);
    const contexts = client.settings.requireAuthenticationContext;
    const cameBack = session !== null && demands.sentAt !== null && session.createdAt > demands.sentAt;
    if (cameBack && problem !== 'no-session' && problem !== null) return { kind: 'refused', code: problem, session };
    return { kind: 'sign-in', connections, contexts, anew: demands.after !== null };
  }

  #openConnections({ tenant, settings }: UsableClient): string[] {
    const view = this.catalog.lastRead();
    return settings.connections.filter((id) => {
      const connection = view.connection(id);
      const isOpen = connection?.tenant === tenant && connection.enabled && connection.status === 'present';
      return isOpen && connection.settings?.protocol !== 'jwt'; // programs come in by that one, and nobody else
    });
  }

  #problemOf(
    { tenant, settings }: UsableClient,
    session: LiveSession,
    { after }: SignInDemands,
  ): 'no-session' | ApplicationRefusalCode | null {
    const connection = this.catalog.lastRead().connection(session.connection);
    if (session.tenant !== tenant || !connection || !settings.connections.includes(session.connection))
      return 'connection-not-allowed';
    const how: Authentication = session.authentication ?? { context: null, methods: [] };
    if (!meetsContext(how, settings.requireAuthenticationContext, connection))
      return 'stronger-authentication-required';
    if (after === null) return null;
    if (session.createdAt < after) return 'no-session';
    return isProvenSince(how, after, connection) ? null : 'fresh-sign-in-required';
  }

  async #byRoles(client: UsableClient, session: LiveSession): Promise<Admission> {
    const person = await this.people.read(client, session.account);
    if (!person.access.active) return { kind: 'refused', code: 'account-not-active', session };
    if (person.access.roles.length === 0 && !client.settings.admitWithoutRole)
      return { kind: 'refused', code: 'no-role-in-application', session };
    return { kind: 'admitted', session, person };
  }
}

/**
 * What the source says decides, and silence proves nothing: the browser could leave out that it was to ask anew, and to say when. Plain
 * OAuth 2.0 has no word for either, so its answer is taken as it is.
 */
function isProvenSince(
  { instant = null }: Authentication,
  after: Date,
  { settings }: Pick<ConnectionState, 'settings'>,
): boolean {
  if (instant === null) return settings?.protocol === 'oauth2';
  return Date.parse(instant) >= after.getTime() - SOURCE_CLOCK_SKEW_MS;
}
