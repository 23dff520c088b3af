import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { DatabaseNewerError, MigrationChangedError, MigrationFailedError } from './database.errors.js';
import type { Database, Queryable } from './database.js';
import { leaseTable } from './leases.js';

/** One step of the schema. Never edited after release; a new step is a new migration. */
export interface Migration {
  /** Four digits and a name, such as `0100-event-store`; the order of application. */
  readonly name: string;
  /** Statements without transaction control, nothing that refuses to run in a transaction. */
  readonly sql: string;
}

/** The migrations of this library itself; every application includes them. */
export const databaseMigrations: readonly Migration[] = [{ name: '0010-leases', sql: leaseTable }];

/** Processes that start at once on an empty database collide here at most this often. */
const BOOTSTRAP_ATTEMPTS = 5;
/** unique_violation, duplicate_schema, duplicate_table: another process created it first. */
const CREATED_MEANWHILE = new Set(['23505', '42P06', '42P07']);

const BOOTSTRAP = `
  create schema if not exists database;
  create table if not exists database.migrations(
    name text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp())`;

/**
 * Brings the schema up to date: each migration once, in order of name, each in a transaction together with its record.
 * `migrations` is the whole list of the software, since an unknown name in the database means that a later version has run.
 * Safe when several processes start at once: they take turns.
 * Not Kysely's migrator, because that records no digest of what ran and locks with an advisory lock, which is state of a session.
 * @returns names of the migrations that were applied now
 * @throws {MigrationChangedError} when the text of an applied migration differs; nothing is applied
 * @throws {DatabaseNewerError} when the database has migrations that are not in the list; nothing is applied
 * @throws {MigrationFailedError} when one fails; those before it stay
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  const ordered = inOrder(migrations);
  await bootstrap(database);
  refuseForeignHistory(ordered, await applied(database));
  const now: string[] = [];
  for (const migration of ordered) {
    if (await database.transaction((client) => applyOnce(client, migration), { unhurried: true }))
      now.push(migration.name);
  }
  return now;
}

/** Tells one list of migrations from another: the first 16 digits of a SHA-256 over names and texts, in order. */
export function schemaDigest(migrations: readonly Migration[]): string {
  return digest(JSON.stringify(inOrder(migrations).map(({ name, sql }) => [name, sql]))).slice(0, 16);
}

function inOrder(migrations: readonly Migration[]): Migration[] {
  const ordered = migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const twice = ordered.find(({ name }, index) => name === ordered[index + 1]?.name);
  if (twice) throw new RangeError(`Two migrations are named ${twice.name}.`);
  return ordered;
}

async function bootstrap(database: Queryable): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await database.query(BOOTSTRAP);
      return;
    } catch (error) {
      if (attempt === BOOTSTRAP_ATTEMPTS || !CREATED_MEANWHILE.has((error as { code?: string }).code ?? ''))
        throw error;
    }
  }
}

async function applied(database: Queryable): Promise<Map<string, string>> {
  const { rows } = await database.query<{ name: string; sha256: string }>(
    'select name, sha256 from database.migrations order by name',
  );
  return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

function refuseForeignHistory(ordered: readonly Migration[], history: ReadonlyMap<string, string>): void {
  const known = new Set(ordered.map(({ name }) => name));
  const unknown = [...history.keys()].filter((name) => !known.has(name));
  if (unknown.length) throw new DatabaseNewerError(unknown);
  for (const migration of ordered) refuseChanged(migration, history.get(migration.name));
}

function refuseChanged({ name, sql }: Migration, recorded: string | undefined): void {
  if (recorded !== undefined && recorded !== digest(sql)) throw new MigrationChangedError(name);
}

/** The lock makes a second process wait; it then finds the record and has nothing to do. */
async function applyOnce(client: PoolClient, migration: Migration): Promise<boolean> {
  await client.query('lock table database.migrations in exclusive mode');
  const recorded = (await applied(client)).get(migration.name);
  refuseChanged(migration, recorded);
  if (recorded !== undefined) return false;
  try {
    await client.query(migration.sql);
  } catch (error) {
    throw new MigrationFailedError(migration.name, error);
  }
  await client.query('insert into database.migrations(name, sha256) values ($1, $2)', [
    migration.name,
    digest(migration.sql),
  ]);
  return true;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
