import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DatabaseUnavailableError } from '../database.errors.js';
import {
  CONNECTION_WAIT_MS,
  type Database,
  type DatabaseLog,
  STATEMENT_TIMEOUT_MS,
  STATEMENT_WAIT_MS,
  TRANSACTION_WAIT_MS,
} from '../database.js';
import { endPool, pooledDatabase } from '../pooled-database.js';
import { reasonOf } from '../reason-of.js';
import { valueTypes } from '../value-types.js';

/** Connections of one process. */
const POOL_SIZE = 10;
/** A connection that is silent for this long, milliseconds, is asked whether it lives: behind it may be a machine that is gone. */
const KEEP_ALIVE_AFTER_MS = 10_000;
/** Longest wait for a server that says of itself that it is starting, milliseconds: after a crash it replays its log first. */
const STARTING_WAIT_MS = 60_000;
const STARTING_LOOK_MS = 500;
/** SQLSTATE `cannot_connect_now`: it starts, recovers or shuts down. */
const CANNOT_CONNECT_NOW = '57P03';
/** PostgreSQL 15 is the oldest that is tested. */
const OLDEST_VERSION = 150_000;

/**
 * What this software relies on whatever the server's defaults are: durable commits; READ COMMITTED, which the append function needs; times
 * written in UTC; an end to statements that nobody waits for any more, and to transactions whose process froze, since one of those could
 * hold a lease's row for ever.
 */
const SESSION = `
  select set_config('default_transaction_isolation', 'read committed', false), set_config('TimeZone', 'UTC', false),
         set_config('idle_in_transaction_session_timeout', '10s', false),
         set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}ms', false),
         case current_setting('synchronous_commit') when 'off' then set_config('synchronous_commit', 'on', false) end`;

/** How to reach a PostgreSQL. */
export interface PostgresOptions {
  /** `postgres://` or `postgresql://`; a unix socket by `?host=/folder`. */
  readonly url: string;
  readonly log: DatabaseLog;
}

/**
 * Connects to a PostgreSQL 15 or later; waits up to a minute for one that says that it is starting.
 * @throws {DatabaseUnavailableError} when it cannot be reached, is too old, or does not store UTF-8
 */
export async function openPostgres({ url, log }: PostgresOptions): Promise<Database> {
  const pool = postgresPool(url, log);
  try {
    await started(pool, log);
    await requireSuitable(pool, log);
  } catch (error) {
    await pool.end();
    throw error instanceof DatabaseUnavailableError ? error : unreachable(error);
  }
  return pooledDatabase(pool, {
    kind: 'postgres',
    patience: { statementMs: STATEMENT_WAIT_MS, transactionMs: TRANSACTION_WAIT_MS },
    recordServerUrl: () => {},
    close: () => endPool(pool),
  });
}

/** The URL holds a password, so no error may quote it: not even as a cause. */
function postgresPool(url: string, log: DatabaseLog): pg.Pool {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new DatabaseUnavailableError(
      'DATABASE_URL is not a URL of the form postgres://user:password@host:5432/database.',
    );
  }
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'gatebook',
    max: POOL_SIZE,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
    types: valueTypes,
    onConnect: async (client) => void (await client.query(SESSION)),
  });
  pool.on('error', (error) =>
    log.warn(`An idle connection to PostgreSQL broke and will be replaced: ${error.message}`),
  );
  return pool;
}

/** A server that is coming up is waited for: whoever starts everything together, or restarts it after a power cut, need not order it. */
async function started(pool: pg.Pool, log: DatabaseLog): Promise<void> {
  const deadline = performance.now() + STARTING_WAIT_MS;
  for (let told = false; ; told = true) {
    try {
      return void (await pool.query('select 1'));
    } catch (error) {
      const starting = error instanceof Error && 'code' in error && error.code === CANNOT_CONNECT_NOW;
      if (!starting || performance.now() > deadline) throw error;
      if (!told) log.warn(`PostgreSQL is starting (${error.message}). Waiting for it, at most a minute.`);
      await delay(STARTING_LOOK_MS);
    }
  }
}

async function requireSuitable(pool: pg.Pool, log: DatabaseLog): Promise<void> {
  const { rows } = await pool.query<{ version: number; encoding: string; fsync: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding, current_setting('fsync') as fsync`,
  );
  const { version, encoding, fsync } = rows[0] as { version: number; encoding: string; fsync: string };
  if (version < OLDEST_VERSION) {
    throw new DatabaseUnavailableError(
      `PostgreSQL ${Math.floor(version / 10_000)} is too old. Version 15 or later is needed.`,
    );
  }
  if (encoding !== 'UTF8') {
    throw new DatabaseUnavailableError(`The database stores ${encoding}. Create it with encoding UTF8.`);
  }
  if (fsync !== 'on') log.warn('PostgreSQL runs with fsync off: a power cut can lose what was acknowledged.');
}

function unreachable(error: unknown): DatabaseUnavailableError {
  return new DatabaseUnavailableError(
    `PostgreSQL cannot be used: ${reasonOf(error)}. Check DATABASE_URL and that the server runs.`,
  );
}
