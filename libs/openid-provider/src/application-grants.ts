import { createHash, randomBytes } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { ApplicationSessionsEnded } from '#libs/contracts';
import type { Database, Queryable } from '#libs/database';
import type { ClientTerms } from '#libs/domain';
import type { AccountRef } from '#libs/identity';
import type { Clock } from '#libs/kernel';

/** Rows deleted, or grants ended, in one statement at most: on the embedded database everybody else waits meanwhile. */
export const ROWS_AT_A_TIME = 500;

/** Namespace of the ids of reuses (a random uuid, fixed for good). */
const REUSES = '5b0b4a0e-5a1c-4a53-9a0f-3f3c0d9f7c61';

/** What an application was given when a person came in to it. */
export interface ApplicationGrant extends AccountRef {
  readonly client: string;
  /** The connection through which the person signed in. */
  readonly connection: string;
  /** Revision of the account as of which the person was admitted. */
  readonly revision: number;
  /** Id of the `SignedIn` event behind the session; null where it is not known. */
  readonly signIn: string | null;
  /** What the client asked of people when it was given. */
  readonly terms: ClientTerms;
}

/** A grant that was found, with the account's access epoch as of the same statement. */
export interface FoundGrant extends ApplicationGrant {
  readonly grantHash: string;
  /** −1 when nothing was ever taken from the account. */
  readonly epoch: number;
}

/** Why grants end. */
export type EndingCode = ApplicationSessionsEnded['data']['code'];

/** What ends grants: an event, and when it was recorded; or the reuse of a code or token, which is no event. */
export interface Ending {
  /** Id of the event, or of the reuse. */
  readonly cause: string;
  readonly code: EndingCode;
  readonly signalledAt: Date;
}

/** A grant that has ended; somebody has yet to record it and tell the application. */
export interface EndedGrant extends ApplicationGrant, Ending {
  readonly grantHash: string;
  /** The session's name at the client; null when it never got one. */
  readonly sid: string | null;
  readonly endedAt: Date;
}

/** How a client was given something. */
export interface ClientGiving {
  readonly connection: string;
  readonly terms: ClientTerms;
}

/** Which grants to end. */
export type GrantsToEnd =
  | { readonly grants: readonly string[] }
  | { readonly client: string }
  /** Given to a client through one connection on the same terms. */
  | { readonly client: string; readonly given: ClientGiving }
  /** Given by the sign-ins of these `SignedIn` events. */
  | { readonly signIns: readonly string[] }
  /** Of a connection, or one person's of it; given by then, where that is said (ISO-8601). */
  | { readonly tenant: string; readonly connection: string; readonly account?: string; readonly begunBy?: string };

/** What applications were given. A grant is open until it expires or is ended; ended, it waits to be recorded, then it is forgotten. */
export interface ApplicationGrants {
  /** Records what an application is given, before anything is issued under it. */
  open(grantId: string, grant: ApplicationGrant, expiresAt: Date): Promise<void>;
  /** Keeps the name that the session has at the client, for the notice of its end. The first one stays. */
  nameSession(grantId: string, sid: string): Promise<void>;
  /** Open grants of an account, with its access epoch. */
  ofAccount(ref: AccountRef): Promise<FoundGrant[]>;
  /** Those of some grants that are open. @param grantIds their ids, at most `ROWS_AT_A_TIME` count */
  openAmong(grantIds: readonly string[]): Promise<ApplicationGrant[]>;
  /** The different ways in which what a client has now was given. */
  givingsOf(client: string): Promise<ClientGiving[]>;
  /** The grant stands as of a later revision: it need not be looked into again until more is taken away. */
  stands(grantHash: string, revision: number): Promise<void>;
  /** Ends grants with every code and token under them. Idempotent. @returns how many were open */
  end(which: GrantsToEnd, ending: Ending): Promise<number>;
  /** Ends a grant of which a code or refresh token was presented a second time. Idempotent. */
  endReused(grantHash: string): Promise<void>;
  /** Grants that have ended and were not forgotten yet, the oldest first, at most `ROWS_AT_A_TIME`. */
  ended(): Promise<EndedGrant[]>;
  /** Forgets grants that have ended, once that is recorded. */
  forget(grants: readonly string[]): Promise<void>;
  /** Deletes expired grants, codes, tokens and sessions, a bounded number at a time. @returns how many rows */
  sweep(): Promise<number>;
}

/** Makes the id of a grant: 256 random bits. */
export const newGrantId = (): string => randomBytes(32).toString('base64url');

/** SHA-256 of an id, hex: how the tables name what only its holder may know. Ids are random, so a plain hash cannot be searched. */
export const idHash = (id: string): string => createHash('sha256').update(id).digest('hex');

/** Keeps them in PostgreSQL. */
export function applicationGrants({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): ApplicationGrants {
  const run = async (text: string, values: readonly unknown[]) =>
    (await database.query(text, [...values])).rowCount ?? 0;
  return {
    async open(grantId, { tenant, account, client, connection, revision, signIn, terms }, expiresAt) {
      await run(
        `insert into openid_provider.grants
           (grant_hash, tenant, account_id, client_id, connection, revision, sign_in_event, terms, created_at,
            expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10)`,
        [
          idHash(grantId),
          tenant,
          account,
          client,
          connection,
          revision,
          signIn,
          JSON.stringify(terms),
          clock.now(),
          expiresAt,
        ],
      );
    },
    async nameSession(grantId, sid) {
      await run('update openid_provider.grants set sid = $2 where grant_hash = $1 and sid is null', [
        idHash(grantId),
        sid,
      ]);
    },
    ofAccount: (ref) => openGrantsOf(database, ref, clock.now()),
    openAmong: (grantIds) => openAmong(database, grantIds, clock.now()),
    givingsOf: (client) => givingsOf(database, client, clock.now()),
    async stands(grantHash, revision) {
      await run('update openid_provider.grants set revision = $2 where grant_hash = $1 and revision < $2', [
        grantHash,
        revision,
      ]);
    },
    end: (which, ending) => endGrants(database, which, ending, clock.now()),
    async endReused(grantHash) {
      const ending = { cause: uuidv5(grantHash, REUSES), code: 'reused', signalledAt: clock.now() } as const;
      await endGrants(database, { grants: [grantHash] }, ending, clock.now());
    },
    ended: () => endedGrants(database),
    async forget(grants) {
      await run('delete from openid_provider.grants where grant_hash = any($1::text[]) and ended_at is not null', [
        grants,
      ]);
    },
    async sweep() {
      const items = await run(SWEEP_ITEMS, [clock.now(), ROWS_AT_A_TIME]);
      return items + (await run(SWEEP_GRANTS, [clock.now(), ROWS_AT_A_TIME]));
    },
  };
}

const COLUMNS = `g.grant_hash as "grantHash", g.tenant, g.account_id as account, g.client_id as client, g.connection,
  g.revision, g.sign_in_event as "signIn", g.terms`;

async function openGrantsOf(database: Queryable, { tenant, account }: AccountRef, now: Date): Promise<FoundGrant[]> {
  const { rows } = await database.query<FoundGrant & Record<string, unknown>>(
    `select ${COLUMNS}, coalesce(e.revision, -1) as epoch
       from openid_provider.grants g left join identity.access_epochs e using (tenant, account_id)
      where g.tenant = $1 and g.account_id = $2 and g.expires_at > $3 and g.ended_at is null
      order by g.client_id, g.created_at limit $4`,
    [tenant, account, now, ROWS_AT_A_TIME],
  );
  return rows;
}

async function openAmong(database: Queryable, grantIds: readonly string[], now: Date): Promise<ApplicationGrant[]> {
  const { rows } = await database.query<ApplicationGrant & Record<string, unknown>>(
    `select ${COLUMNS} from openid_provider.grants g
      where g.grant_hash = any($1::text[]) and g.expires_at > $2 and g.ended_at is null`,
    [grantIds.slice(0, ROWS_AT_A_TIME).map(idHash), now],
  );
  return rows;
}

async function givingsOf(database: Queryable, client: string, now: Date): Promise<ClientGiving[]> {
  const { rows } = await database.query<ClientGiving & Record<string, unknown>>(
    `select distinct g.connection, g.terms from openid_provider.grants g
      where g.client_id = $1 and g.expires_at > $2 and g.ended_at is null`,
    [client, now],
  );
  return rows;
}

async function endGrants(database: Queryable, which: GrantsToEnd, ending: Ending, now: Date): Promise<number> {
  const [condition, value] = conditionOf(which);
  const { cause, code, signalledAt } = ending;
  for (let ended = 0; ; ) {
    const { rowCount } = await database.query(
      `with chosen as (
         select grant_hash from openid_provider.grants g where ended_at is null and ${condition} limit $6
       ), items as (
         delete from openid_provider.items where grant_hash in (select grant_hash from chosen)
       )
       update openid_provider.grants g set ended_at = $2, ended_by = $3, ended_code = $4, signalled_at = $5
        where g.grant_hash in (select grant_hash from chosen)`,
      [value, now, cause, code, signalledAt, ROWS_AT_A_TIME],
    );
    ended += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_AT_A_TIME) return ended;
  }
}

const GIVEN = 'g.client_id = $1::jsonb ->> 0 and g.connection = $1::jsonb ->> 1 and g.terms = $1::jsonb -> 2';

/** Each condition has one value, `$1`; several go as JSON. */
function conditionOf(which: GrantsToEnd): [condition: string, value: unknown] {
  if ('grants' in which) return ['g.grant_hash = any($1::text[])', which.grants];
  if ('given' in which) return [GIVEN, JSON.stringify([which.client, which.given.connection, which.given.terms])];
  if ('client' in which) return ['g.client_id = $1::text', which.client];
  if ('signIns' in which) return ['g.sign_in_event = any($1::uuid[])', which.signIns];
  const { tenant, connection, account = null, begunBy = null } = which;
  return [
    `g.tenant = $1::jsonb ->> 0 and g.connection = $1::jsonb ->> 1
       and ($1::jsonb ->> 2 is null or g.account_id = ($1::jsonb ->> 2)::uuid)
       and ($1::jsonb ->> 3 is null or g.created_at <= ($1::jsonb ->> 3)::timestamptz)`,
    JSON.stringify([tenant, connection, account, begunBy]),
  ];
}

async function endedGrants(database: Queryable): Promise<EndedGrant[]> {
  const { rows } = await database.query<EndedGrant & Record<string, unknown>>(
    `select ${COLUMNS}, g.sid, g.ended_at as "endedAt", g.ended_by as cause, g.ended_code as code, g.signalled_at as "signalledAt"
       from openid_provider.grants g where g.ended_at is not null order by g.ended_at, g.grant_hash limit $1`,
    [ROWS_AT_A_TIME],
  );
  return rows;
}

const SWEEP_ITEMS = `delete from openid_provider.items where (model, id_hash) in
  (select model, id_hash from openid_provider.items where expires_at <= $1 limit $2)`;

const SWEEP_GRANTS = `delete from openid_provider.grants where grant_hash in
  (select grant_hash from openid_provider.grants where expires_at <= $1 and ended_at is null limit $2)`;
