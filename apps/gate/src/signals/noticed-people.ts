import { Inject, Injectable } from '@nestjs/common';
import { accountDecider, domainOf, ownedDomains } from '#libs/domain';
import { readAggregate } from '#libs/event-store';
import {
  AccountExistsUnlinkedError,
  type IdentityKeys,
  IdentityValueError,
  type NamedSessions,
  type ResolveRequest,
  type Sessions,
} from '#libs/identity';
import { streamName } from '#libs/kernel';
import { IDENTITY_KEYS, SESSIONS, WRITE_PATH, type WritePath } from '#libs/platform';
import type { KnownConnection } from '../settings/known-connection.js';
import type { Notice } from './notice.js';

/** Nothing is ever claimed under it: looking somebody up makes no account. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
const MAKES_NOBODY = { mayCreate: false, proposedAccountId: NOBODY, commandId: NOBODY } as const;

/** Finds out which accounts a notice is about: by the sessions that it names, and by the links of its connection. */
@Injectable()
export class NoticedPeople {
  constructor(
    @Inject(SESSIONS) private readonly sessions: Sessions,
    @Inject(IDENTITY_KEYS) private readonly keys: IdentityKeys,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** The account; of several that share a session's name, the first. Null when nobody is known. */
  async accountOf(notice: Notice): Promise<string | null> {
    const { connection, about } = notice;
    if (about.known) return this.#byName(connection, about.known);
    const named = sessionsOf(notice, null);
    const [account] = named ? await this.sessions.accountsOf(named) : [];
    return account ?? (about.subject === null ? null : this.#bySubject(connection, about.subject));
  }

  /** Of several ways in which a source names one person, the first that leads to an account. */
  async firstKnown<About extends Notice['about']>(
    notice: Omit<Notice, 'about'>,
    ways: readonly About[],
  ): Promise<About | null> {
    for (const about of ways) if ((await this.accountOf({ ...notice, about })) !== null) return about;
    return null;
  }

  /** Where people are known by an attribute, the name that the protocol gives them leads nowhere. */
  async #bySubject(connection: KnownConnection, subject: string): Promise<string | null> {
    const { directory, subject: known } = connection.settings;
    if (known !== 'nameId') return null;
    const { tenant, id } = connection;
    return this.#found({ tenant, directory, connection: id, subject, linking: 'none', ...MAKES_NOBODY });
  }

  /** Only people of the connection: a source speaks of nobody whom it never vouched for. */
  async #byName(
    connection: KnownConnection,
    { by, value }: NonNullable<Notice['about']['known']>,
  ): Promise<string | null> {
    if (!mayNotifyAbout(connection, value)) return null;
    const { tenant, id, settings } = connection;
    const asked = { tenant, directory: settings.directory, connection: id, subject: value };
    const account = await this.#found({ ...asked, linking: by, [by]: value, ...MAKES_NOBODY });
    if (account === null) return null;
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(this.path, stream, accountDecider);
    return state.links.some((link) => link.connection === id) ? account : null;
  }

  async #found(request: ResolveRequest): Promise<string | null> {
    try {
      const resolved = await this.keys.lookUp(request);
      return resolved.how === 'none' || resolved.how === 'new' ? null : resolved.accountId;
    } catch (error) {
      if (error instanceof IdentityValueError || error instanceof AccountExistsUnlinkedError) return null;
      throw error;
    }
  }
}

/** The sessions that a notice means; null when it means nobody who is known. Whoever is known by another name is meant as an account. */
export function sessionsOf({ connection, about, begunBy }: Notice, account: string | null): NamedSessions | null {
  const { tenant, id } = connection;
  const { subject, sessionIndexes } = about;
  const meant = about.account ?? (about.known ? account : null);
  if ((meant ?? subject) === null && (about.known || sessionIndexes.length === 0)) return null;
  return { tenant, connection: id, account: meant, subject, sessionIndexes, begunBy };
}

/** An address is inside of a domain that the connection owns. */
function mayNotifyAbout(connection: KnownConnection, address: string): boolean {
  return ownedDomains(connection).includes(domainOf(address));
}
