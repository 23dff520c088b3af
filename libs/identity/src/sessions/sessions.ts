import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { AccountRef } from '../access-epochs/access-epochs.js';
import { newToken, tokenHash } from '../bearer-token.js';

/** Expired sessions deleted in one statement at most. */
export const SWEEP_ROWS = 1_000;
/** A session in use is prolonged at most this often, seconds (or twice per idle time, where that is shorter). */
const SLIDE_SECONDS = 60;

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
}

/** A session that is valid now. */
export interface LiveSession extends AccountRef {
  readonly connection: string;
  readonly revision: number;
  readonly signIn: string | null;
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
  /** Deletes expired sessions, at most `SWEEP_ROWS`. @returns how many */
  sweep(): Promise<number>;
}

/** What sessions need. */
export interface SessionsDependencies {
  readonly database: Database;
  readonly clock: Clock;
}

/** Keeps sessions in PostgreSQL. */
export function sessions({ database, clock }: SessionsDependencies): Sessions {
  const remove = async (where: string, values: unknown[]) => {
    const { rowCount } = await database.query(`delete from identity.sessions where ${where}`, values);
    return rowCount ?? 0;
  };
  return {
    start: (session) => startSession(database, clock.now(), session),
    find: async (token) => {
      const id = tokenHash(token);
      return id === undefined ? null : findSession(database, clock.now(), id);
    },
    end: async (token) => {
      await remove('id_hash = $1', [tokenHash(token) ?? '']);
    },
    endAllOf: ({ tenant, account }) => remove('tenant = $1 and account_id = $2', [tenant, account]),
    endAllThrough: (tenant, connection) => remove('tenant = $1 and connection = $2', [tenant, connection]),
    sweep: () =>
      remove('id_hash in (select id_hash from identity.sessions where expires_at <= $1 limit $2)', [
        clock.now(),
        SWEEP_ROWS,
      ]),
  };
}

async function startSession(database: Database, now: Date, session: SessionStart) {
  const token = newToken();
  const { tenant, account, connection, revision, signIn, idleSeconds, maxSeconds, notOnOrAfter } = session;
  const endsAt = earliest(secondsAfter(now, maxSeconds), notOnOrAfter === null ? null : new Date(notOnOrAfter));
  const expiresAt = earliest(secondsAfter(now, idleSeconds), endsAt);
  await database.query({
    name: 'identity-start-session',
    text: `insert into identity.sessions
       (id_hash, tenant, account_id, connection, revision, sign_in_event, created_at, idle_seconds, expires_at, ends_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [tokenHash(token), tenant, account, connection, revision, signIn, now, idleSeconds, expiresAt, endsAt],
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
      select tenant, account_id as account, connection, revision, sign_in_event as "signIn", created_at as "createdAt", ends_at as "endsAt"
        from live`,
    values: [id, now, SLIDE_SECONDS],
  });
  return rows[0] ?? null;
}

const secondsAfter = (instant: Date, seconds: number) => new Date(instant.getTime() + seconds * 1000);
const earliest = (one: Date, other: Date | null) => (other && other < one ? other : one);
