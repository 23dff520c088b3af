import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import type { Database } from './database.js';
import { TransactionAbortedError } from './database.errors.js';

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
      pool.query<R>(statement, values),
    transaction: (work) => inTransaction(pool, work),
    recordServerUrl,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin isolation level read committed');
    const result = await work(client);
    await commit(client);
    return result;
  } catch (error) {
    broken = await rollback(client);
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
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('The connection broke during a rollback.');
  }
}
