import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient, QueryConfig, QueryResultRow } from 'pg';
import { DatabaseUnavailableError, TransactionAbortedError } from './database.errors.js';
import type { Database, TransactionLimits } from './database.js';
import { asTrouble } from './trouble.js';

/** Longest wait for running statements when closing, milliseconds. */
const CLOSE_WAIT_MS = 10_000;

/** Longest waits, milliseconds. */
export interface Patience {
  readonly statementMs: number;
  readonly transactionMs: number;
}

/** What differs between the two kinds of database. */
export interface PooledDatabaseOptions {
  readonly kind: Database['kind'];
  /** For how long to wait on a server that does not answer. Absent where the server cannot fall silent without ending the process. */
  readonly patience?: Patience;
  readonly recordServerUrl: (url: string) => void;
  readonly close: () => Promise<void>;
}

/** Makes a database of a connection pool. */
export function pooledDatabase(
  pool: Pool,
  { kind, patience, recordServerUrl, close }: PooledDatabaseOptions,
): Database {
  let closing: Promise<void> | undefined;
  return {
    kind,
    pool,
    query: <R extends QueryResultRow>(statement: string | QueryConfig, values?: unknown[]) =>
      pool.query<R>(withPatience(statement, patience), values).catch(rethrow),
    transaction: (work, limits) => inTransaction(pool, work, { ...limits, patience }),
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

/** The driver stops waiting by itself, also for a prepared statement; its types do not know of it. */
function withPatience(statement: string | QueryConfig, patience: Patience | undefined): string | QueryConfig {
  if (!patience) return statement;
  const config = typeof statement === 'string' ? { text: statement } : statement;
  return { ...config, query_timeout: patience.statementMs } as QueryConfig;
}

async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { unhurried = false, patience }: TransactionLimits & { readonly patience: Patience | undefined },
): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  client.on('error', alreadyKnown);
  const watch = unhurried || !patience ? null : cutAfter(client, patience.transactionMs);
  let broken = false;
  try {
    await client.query('begin isolation level read committed');
    if (unhurried) await client.query('set local statement_timeout = 0');
    const result = await (watch ? Promise.race([work(client), watch.cut]) : work(client));
    await commit(client);
    return result;
  } catch (error) {
    broken = !(await rollback(client));
    throw asTrouble(error);
  } finally {
    watch?.end();
    client.off('error', alreadyKnown);
    client.release(broken);
  }
}

/**
 * A connection that breaks between two statements says so as an event, which would end the process if nobody listened. The next statement
 * of the transaction is rejected, and that is enough.
 */
const alreadyKnown = () => undefined;

/** Cuts a connection when its transaction lasts too long: every statement that waits on it is rejected, and the server rolls back. */
function cutAfter(client: PoolClient, milliseconds: number): { readonly cut: Promise<never>; end(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // nobody may be listening any more
  const timer = setTimeout(() => {
    reject(new DatabaseUnavailableError('A transaction took too long and was ended. Try again in a moment.'));
    socketOf(client).destroy();
  }, milliseconds);
  return { cut: promise, end: () => clearTimeout(timer) };
}

/** The driver has no public way to give a connection up without asking the server, which is what does not answer. */
function socketOf(client: PoolClient): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
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

function rethrow(error: unknown): never {
  throw asTrouble(error);
}
