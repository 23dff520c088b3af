import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import { DatabaseUnavailableError, TransactionAbortedError } from './database.errors.js';
import { CONNECTION_WAIT_MS, type Database } from './database.js';
import { reasonOf } from './reason-of.js';

/** Longest wait for running statements when closing, milliseconds. */
const CLOSE_WAIT_MS = 10_000;

/** What differs between the two kinds of database. */
export interface PooledDatabaseOptions {
  readonly kind: Database['kind'];
  readonly recordServerUrl: (url: string) => void;
  readonly close: () => Promise<void>;
}

/** Makes a database of a connection pool. */
export function pooledDatabase(pool: Pool, { kind, recordServerUrl, close }: PooledDatabaseOptions): Database {
  let closing: Promise<void> | undefined;
  return {
    kind,
    pool,
    query: <R extends QueryResultRow>(statement: string | QueryConfig, values?: unknown[]) =>
      pool.query<R>(statement, values).catch(rethrow),
    transaction: (work) => inTransaction(pool, work),
    recordServerUrl,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Ends a pool when its clients have come back, or after `CLOSE_WAIT_MS`. */
export async function endPool(pool: Pool): Promise<void> {
  const tooLong = new AbortController();
  const patience = delay(CLOSE_WAIT_MS, undefined, { signal: tooLong.signal }).catch(() => {});
  await Promise.race([pool.end(), patience]);
  tooLong.abort();
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  let broken = false;
  try {
    await client.query('begin isolation level read committed');
    const result = await work(client);
    await commit(client);
    return result;
  } catch (error) {
    broken = !(await rollback(client));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new TransactionAbortedError();
}

/** A connection that cannot even roll back is thrown away: returned to the pool it would hand its transaction to the next caller. */
async function rollback(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

/** The pool tells a wait that was too long only by its message. */
function rethrow(error: unknown): never {
  if (reasonOf(error) === 'timeout exceeded when trying to connect') {
    throw new DatabaseUnavailableError(
      `No connection to the database became free within ${CONNECTION_WAIT_MS / 1000} s. It is overloaded, or a transaction is held open. Try again.`,
      error,
    );
  }
  throw error;
}
