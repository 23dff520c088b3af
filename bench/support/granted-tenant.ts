import type { Database } from '#libs/database';
import { PROJECTIONS } from '#libs/read-model';

/** Grants of one person; one of them has ended. */
export const GRANTS_EACH = 10;

/** Positions that one person takes: provisioned, ten grants, one of them ended. */
const EVENTS_EACH = 3;

/** People who are written by one statement. */
const PEOPLE_AT_A_TIME = 5_000;

/** Whenever so many are written, the console says so. */
const PEOPLE_TOLD = 50_000;

/** When the first person came; the others follow, one a second. */
const BEGIN = `timestamptz '2025-01-01T00:00:00Z'`;

/** Who is written, `$1` (inclusive) to `$2`, where each one's events stand behind `$3`, and when they happened. */
const PEOPLE = `
  with people as (
    select n, md5('person ' || n)::uuid as account, $3::bigint + n * ${EVENTS_EACH} as pos, ${BEGIN} + n * interval '1 second' as at
    from generate_series($1::int, $2::int - 1) n
  ), granted as (
    select p.*, k, md5('grant ' || n || ' ' || k)::uuid as grant_id, 'app-' || k / 2 || '.role-' || k as role
    from people p, generate_series(0, ${GRANTS_EACH - 1}) k
  ), facts as (
    select p.*, nth, (array['UserProvisioned', 'RolesAssigned', 'AccessRevoked'])[nth + 1] as type,
           md5('event ' || n || ' ' || nth)::uuid as event_id
    from people p, generate_series(0, ${EVENTS_EACH - 1}) nth
  )`;

const ROWS: readonly string[] = [
  `insert into ledger.sealed_log select pos + nth, 'acme', pos + nth, pos + nth, event_id, 'account-acme+' || account, nth,
     '2026-01-01T00:00:00.000Z', sha256(event_id::text::bytea) from facts`,
  `insert into read_model.events_v1 select pos + nth, 'acme', pos + nth, event_id, type, 'account-acme+' || account, nth,
     at + nth * interval '1 hour', '2026-01-01T00:00:00.000Z', account, 'connection:okta', 'okta' from facts`,
  `insert into read_model.account_history_v2 (tenant, account, from_pos, directory, kind, status, user_name, display_name, email,
     employee_number, employee_type, department, manager, source_connection, provisioned_pos, valid_from)
   select 'acme', account, pos, 'staff', 'person', 'active', 'person' || n || '@acme.example', 'Person ' || n, 'person' || n || '@acme.example',
     n::text, 'employee', 'Department ' || n % 40, 'person' || n / 10 || '@acme.example', 'okta', pos, at from people`,
  `insert into read_model.grants_v1 (tenant, grant_id, from_pos, to_pos, account, role, source_kind, source_connection,
     source_connection_version, source_rule, source_rule_version, valid_from, granted_pos, granted_event)
   select 'acme', grant_id, pos + 1, case when k = 9 then pos + 2 end, account, role, 'rule', 'okta', 1, 'rule-' || k, 1,
     at + interval '1 hour', pos + 1, md5('event ' || n || ' 1')::uuid from granted`,
  `insert into read_model.grants_v1 (tenant, grant_id, from_pos, account, role, source_kind, source_connection, source_connection_version,
     source_rule, source_rule_version, valid_from, valid_to, granted_pos, granted_event, revoked_pos, revoked_event)
   select 'acme', grant_id, pos + 2, account, role, 'rule', 'okta', 1, 'rule-' || k, 1, at + interval '1 hour', at + interval '2 hours',
     pos + 1, md5('event ' || n || ' 1')::uuid, pos + 2, md5('event ' || n || ' 2')::uuid from granted where k = 9`,
  `insert into read_model.grant_origins_v1
   select 'acme', grant_id, account, role, md5('event ' || n || ' 1')::uuid, 'connection:okta', at + interval '1 hour', pos + 1, null from granted`,
  `insert into read_model.grant_counts_v1 select 'acme', pos + 1, role, account, at + interval '1 hour', 1, 0 from granted`,
  `insert into read_model.grant_counts_v1 select 'acme', pos + 2, role, account, at + interval '2 hours', 0, 1 from granted where k = 9`,
];

const ROLES = `
  insert into read_model.roles_v1
  select 'acme', 'app-' || k / 2 || '.role-' || k, 0, null, 'live', 'app-' || k / 2, 'Role ' || k, k = 0, 'low', null, null, 'api'
  from generate_series(0, ${GRANTS_EACH - 1}) k`;

/** A tenant whose people and grants stand in the read model and the sealed log, without any event in the store. */
export interface GrantedTenant {
  readonly tenant: string;
  readonly people: number;
  /** That were ever given. */
  readonly grants: number;
  /** That still hold at `asOf`. */
  readonly held: number;
  /** Last position. */
  readonly knownAt: number;
  /** After everything that happened, ISO-8601 UTC. */
  readonly asOf: string;
}

/** Writes people with ten grants each, nine of which still hold, beyond those that are there. Says on the error stream how far it is. */
export async function grantTenant(database: Database, from: number, people: number): Promise<GrantedTenant> {
  if (from === 0) await database.query(ROLES);
  await withFewCheckpoints(database, () => writePeople(database, from, people));
  const knownAt = people * EVENTS_EACH - 1;
  await database.query('truncate read_model.checkpoints');
  for (const { name, version } of PROJECTIONS)
    await database.query(
      'insert into read_model.checkpoints (projection, version, position, store_position) values ($1, $2, $3, $3)',
      [name, version, knownAt],
    );
  await database.transaction((client) => client.query('analyze'), { unhurried: true });
  const grants = people * GRANTS_EACH;
  return { tenant: 'acme', people, grants, held: grants - people, knownAt, asOf: '2026-06-30T00:00:00.000Z' };
}

async function writePeople(database: Database, from: number, people: number): Promise<void> {
  const begun = performance.now();
  for (let at = from; at < people; at += PEOPLE_AT_A_TIME) {
    const upTo = Math.min(at + PEOPLE_AT_A_TIME, people);
    for (const rows of ROWS)
      await database.transaction((client) => client.query(`${PEOPLE} ${rows}`, [at, upTo, 0]), {
        unhurried: true,
      });
    const seconds = Math.round((performance.now() - begun) / 1_000);
    if (upTo === people || Math.floor(upTo / PEOPLE_TOLD) > Math.floor(at / PEOPLE_TOLD))
      console.error(`Written: ${upTo * GRANTS_EACH} of ${people * GRANTS_EACH} grants, after ${seconds} s.`);
  }
}

/**
 * After each checkpoint PostgreSQL logs every page that it touches as a whole, and ids in no order touch all of an index. What is measured
 * afterwards runs with the server's own settings, and begins behind a checkpoint.
 */
async function withFewCheckpoints(database: Database, work: () => Promise<void>): Promise<void> {
  if (database.kind === 'embedded') return work();
  for (const setting of [`max_wal_size = '8GB'`, `checkpoint_timeout = '1h'`])
    await database.query(`alter system set ${setting}`);
  await database.query('select pg_reload_conf()');
  await work();
  await database.query('alter system reset all');
  await database.query('select pg_reload_conf()');
  await database.transaction((client) => client.query('checkpoint'), { unhurried: true });
}
