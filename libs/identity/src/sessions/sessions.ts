import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { Keyring } from '#libs/vault';
import type { AccountRef } from '../access-epochs/access-epochs.js';
import { newToken, tokenHash } from '../bearer-token.js';
import {
  type AccountSessions,
  endNamed,
  type NamedSessions,
  namedAccounts,
  openSource,
  type SourceSession,
  sourceColumns,
} from './source-session.js';

/** Expired sessions deleted in one statement at most. */
export const SWEEP_ROWS = 1_000;
/** A session in use is prolonged at most this often, seconds (or twice per idle time, where that is shorter). */
const SLIDE_SECONDS = 60;

/** How somebody signed in at the source. */
export interface Authentication {
  /** `AuthnContextClassRef`, or `acr`; null where the source said nothing. */
  readonly context: string | null;
  /** Methods (RFC 8176), where the source names them. */
  readonly methods: readonly string[];
  /** When the person proved who they are, as the source says, ISO-8601; null where it said nothing, absent in sessions from before it was kept. */
  readonly instant?: string | null;
}

/** What begins a session. */
export interface SessionStart extends AccountRef {
  readonly connection: string;
  /** Revision of the account after the sign-in. */
  readonly revision: number;
  /** Id of the `SignedIn` event. */
  readonly signIn: string | null;
  /** How long the session lives without use, seconds, at least 1. */
  readonly idleSeconds: number;
  /** How long it lives in all, seconds, at least 1. */
  readonly maxSeconds: number;
  /** When the identity provider wants it to end at the latest (SAML `SessionNotOnOrAfter`), ISO-8601. */
  readonly notOnOrAfter: string | null;
  /** How the person signed in; absent where nobody asked. */
  readonly authentication?: Authentication;
  /** What the source calls the session; absent where it names none. Kept hidden. */
  readonly atSource?: SourceSession;
}

/** A session that is valid now. */
export interface LiveSession extends AccountRef {
  readonly connection: string;
  readonly revision: number;
  readonly signIn: string | null;
  /** How the person signed in; null where that was not kept. */
  readonly authentication: Authentication | null;
  readonly createdAt: Date;
  /** When it ends whatever happens. */
  readonly endsAt: Date;
}

/** Sessions of people in browsers, kept by the server: the cookie is a random token and nothing else. */
export interface Sessions {
  /** Begins a session. The token is told once; the database holds its hash. */
  start(session: SessionStart): Promise<{ readonly token: string; readonly endsAt: Date }>;
  /**
   * Finds the session of a token and prolongs it. One statement decides on idle time, end and access epoch together.
   * @returns null for a token that is unknown, ended, expired, or older than the account's access epoch
   * @throws whatever the database throws: a session that cannot be checked is not valid
   */
  find(token: string): Promise<LiveSession | null>;
  /** Ends one session. Idempotent. */
  end(token: string): Promise<void>;
  /** Ends all sessions of an account. @returns how many */
  endAllOf(ref: AccountRef): Promise<number>;
  /** Ends all sessions that began through a connection. @returns how many */
  endAllThrough(tenant: string, connection: string): Promise<number>;
  /** What the source calls a session, for ending it there too; null where that is not known, or the session is over. */
  atSource(token: string): Promise<SourceSession | null>;
  /** Accounts whose valid sessions a source names, for the record before they end. @throws {TypeError} when it names nothing */
  accountsOf(named: NamedSessions): Promise<readonly string[]>;
  /** Ends the sessions that a source names, exactly those. Idempotent. @throws {TypeError} when it names nothing */
  endNamed(named: NamedSessions): Promise<readonly AccountSessions[]>;
  /** Deletes expired sessions, at most `SWEEP_ROWS`. @returns how many */
  sweep(): Promise<number>;
}

/** What sessions need. */
export interface SessionsDependencies {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** Keeps sessions in PostgreSQL. */
export function sessions({ database, keyring, clock }: SessionsDependencies): Sessions {
  const remove = async (where: string, values: unknown[]) => {
    const { rowCount } = await database.query(`delete from identity.sessions where ${where}`, values);
    return rowCount ?? 0;
  };
  return {
    start: (session) => startSession(database, keyring, clock.now(), session),
    find: async (token) => {
      const id = tokenHash(token);
      return id === undefined ? null : findSession(database, clock.now(), id);
    },
    end: async (token) => {
      await remove('id_hash = $1', [tokenHash(token) ?? '']);
    },
    async atSource(token) {
      const id = tokenHash(token);
      const { rows } = await database.query<{ tenant: string; atSource: string | null }>(
        'select tenant, at_source as "atSource" from identity.sessions where id_hash = $1 and expires_at > $2',
        [id ?? '', clock.now()],
      );
      const [found] = rows;
      return id && found?.atSource ? openSource(keyring, found.tenant, id, found.atSource) : null;
    },
    accountsOf: (named) => namedAccounts(database, keyring, clock.now(), named),
    endNamed: (named) => endNamed(database, keyring, clock.now(), named),
    endAllOf: ({ tenant, account }) => remove('tenant = $1 and account_id = $2', [tenant, account]),
    endAllThrough: (tenant, connection) => remove('tenant = $1 and connection = $2', [tenant, connection]),
    sweep: () =>
      remove('id_hash in (select id_hash from identity.sessions where expires_at <= $1 limit $2)', [
        clock.now(),
        SWEEP_ROWS,
      ]),
  };
}

async function startSession(database: Database, keyring: Keyring, now: Date, session: SessionStart) {
  const token = newToken();
  const id = tokenHash(token) ?? '';
  const { tenant, account, connection, revision, signIn, idleSeconds, notOnOrAfter, authentication } = session;
  const endsAt = earliest(secondsAfter(now, session.maxSeconds), notOnOrAfter === null ? null : new Date(notOnOrAfter));
  const expiresAt = earliest(secondsAfter(now, idleSeconds), endsAt);
  const { subjectHmac, indexHmac, atSource } = sourceColumns(
    keyring,
    { tenant, connection, id },
    session.atSource ?? null,
  );
  const how = authentication ? JSON.stringify(authentication) : null;
  await database.query({
    name: 'identity-start-session',
    text: `insert into identity.sessions
       (id_hash, tenant, account_id, connection, revision, sign_in_event, created_at, idle_seconds, expires_at, ends_at,
        authentication, subject_hmac, index_hmac, at_source)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    values: [
      ...[id, tenant, account, connection, revision, signIn, now, idleSeconds, expiresAt, endsAt],
      ...[how, subjectHmac, indexHmac, atSource],
    ],
  });
  return { token, endsAt };
}

async function findSession(database: Database, now: Date, id: string): Promise<LiveSession | null> {
  const { rows } = await database.query<{ [column in keyof LiveSession]: LiveSession[column] }>({
    name: 'identity-find-session',
    text: `
      with live as (
        select s.* from identity.sessions s left join identity.access_epochs e using (tenant, account_id)
         where s.id_hash = $1 and s.expires_at > $2 and s.revision >= coalesce(e.revision, -1)
      ), slid as (
        update identity.sessions s set expires_at = least($2 + make_interval(secs => live.idle_seconds), s.ends_at)
          from live
         where s.id_hash = live.id_hash and s.expires_at < s.ends_at
           and s.expires_at <= $2 + make_interval(secs => live.idle_seconds - least($3, live.idle_seconds / 2.0))
      )
      select tenant, account_id as account, connection, revision, sign_in_event as "signIn", authentication, created_at as "createdAt", ends_at as "endsAt"
        from live`,
    values: [id, now, SLIDE_SECONDS],
  });
  return rows[0] ?? null;
}

const secondsAfter = (instant: Date, seconds: number) => new Date(instant.getTime() + seconds * 1000);
const earliest = (one: Date, other: Date | null) => (other && other < one ? other : one);
