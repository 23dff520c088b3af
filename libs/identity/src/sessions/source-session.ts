import type { Database } from '#libs/database';
import type { Keyring } from '#libs/vault';

/** Longest ID token that is kept as a hint, characters: it travels in an address. Without a hint, providers ask the person. */
export const ID_TOKEN_HINT_MAX = 6_144;

/** What a source calls a session that began there, and its person. */
export interface SourceSession {
  /** NameID or `sub`, as the source said it. */
  readonly subject: { readonly value: string; readonly format: string | null };
  /** `SessionIndex` or `sid`; null where the source named none. */
  readonly sessionIndex: string | null;
  /** Tells an OpenID provider whose session it is to end; longer ones than `ID_TOKEN_HINT_MAX` are not kept. */
  readonly idToken: string | null;
}

/** Sessions as a source names them. */
export interface NamedSessions {
  readonly tenant: string;
  readonly connection: string;
  /** The account, where it is known; null: whoever is named otherwise. */
  readonly account: string | null;
  /** The person; null: whoever is named otherwise. */
  readonly subject: string | null;
  /** Which of the person's sessions; none: all of them. One that the source never named counts as any of them. */
  readonly sessionIndexes: readonly string[];
  /** Only sessions that began by then; null: whenever. */
  readonly begunBy: Date | null;
}

/** Sign-ins of one account that are told apart when its sessions end; beyond it, all of them are meant. */
export const SIGN_INS_MAX = 1_000;

/** Sessions of one account. */
export interface AccountSessions {
  readonly account: string;
  /** How many. */
  readonly sessions: number;
  /** Ids of the `SignedIn` events behind them, at most `SIGN_INS_MAX`; null where they are more, or one is not known. */
  readonly signIns: readonly string[] | null;
}

/** What a session's row says about its source. */
export interface SourceColumns {
  readonly subjectHmac: string | null;
  readonly indexHmac: string | null;
  readonly atSource: string | null;
}

/** Hides what the source said: HMACs to find the row by, and the whole of it wrapped under the keyring, bound to this very row. */
export function sourceColumns(
  keyring: Keyring,
  { tenant, connection, id }: { readonly tenant: string; readonly connection: string; readonly id: string },
  source: SourceSession | null,
): SourceColumns {
  if (source === null) return { subjectHmac: null, indexHmac: null, atSource: null };
  const { subject, sessionIndex, idToken } = source;
  const short = idToken !== null && idToken.length <= ID_TOKEN_HINT_MAX ? idToken : null;
  const kept = Buffer.from(JSON.stringify({ subject, sessionIndex, idToken: short }), 'utf8');
  return {
    subjectHmac: subjectHmac(keyring, tenant, connection, subject.value),
    indexHmac: sessionIndex === null ? null : indexHmac(keyring, tenant, connection, sessionIndex),
    atSource: keyring.wrap(kept, contextOf(tenant, id)),
  };
}

/** Opens what `sourceColumns` wrapped. @throws {UnwrapError} when the row was changed */
export function openSource(keyring: Keyring, tenant: string, id: string, atSource: string): SourceSession {
  return JSON.parse(keyring.unwrap(atSource, contextOf(tenant, id)).toString('utf8'));
}

/** Accounts of the sessions that a source names. */
export async function namedAccounts(
  database: Database,
  keyring: Keyring,
  now: Date,
  named: NamedSessions,
): Promise<string[]> {
  const { rows } = await database.query<{ account: string }>(
    `select distinct account_id as account from identity.sessions where ${IS_NAMED} and expires_at > $7 order by account_id`,
    [...valuesOf(keyring, named), now],
  );
  return rows.map(({ account }) => account);
}

/** Ends the sessions that a source names. Those that had expired go too, and are not counted. */
export async function endNamed(
  database: Database,
  keyring: Keyring,
  now: Date,
  named: NamedSessions,
): Promise<AccountSessions[]> {
  const { rows } = await database.query<AccountSessions>(
    `with ended as (delete from identity.sessions where ${IS_NAMED} returning account_id, expires_at, sign_in_event)
     select account_id as account, count(*) filter (where expires_at > $7)::int as sessions,
            case when count(*) = count(sign_in_event) and count(distinct sign_in_event) <= $8
                 then array_agg(distinct sign_in_event) end as "signIns"
       from ended group by account_id having bool_or(expires_at > $7) order by account_id`,
    [...valuesOf(keyring, named), now, SIGN_INS_MAX],
  );
  return rows;
}

const IS_NAMED = `tenant = $1 and connection = $2
  and ($3::text is null or subject_hmac = $3)
  and (cardinality($4::text[]) = 0 or index_hmac = any ($4) or ($3::text is not null and index_hmac is null))
  and ($5::timestamptz is null or created_at <= $5) and ($6::uuid is null or account_id = $6)`;

function valuesOf(keyring: Keyring, named: NamedSessions): unknown[] {
  const { tenant, connection, account, subject, sessionIndexes, begunBy } = named;
  if ((account ?? subject) === null && sessionIndexes.length === 0)
    throw new TypeError('Neither a person nor a session is named.');
  return [
    tenant,
    connection,
    subject === null ? null : subjectHmac(keyring, tenant, connection, subject),
    sessionIndexes.map((index) => indexHmac(keyring, tenant, connection, index)),
    begunBy,
    account,
  ];
}

const subjectHmac = (keyring: Keyring, ...[tenant, connection, subject]: [string, string, string]) =>
  keyring.lookupHmac('session-subject', tenant, connection, subject);
const indexHmac = (keyring: Keyring, ...[tenant, connection, index]: [string, string, string]) =>
  keyring.lookupHmac('session-index', tenant, connection, index);
const contextOf = (tenant: string, id: string) => `session/${tenant}/${id}`;
