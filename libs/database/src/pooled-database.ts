import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
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
      ask<R>(pool, statement, values, patience).catch(rethrow),
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

/**
 * Runs one statement through a callback, and stops waiting by itself. The driver's own promises and time-outs hold each other by closures in
 * such a way that what was read long ago outlives the collections of young garbage: rows that are forgotten at once would fill the heap.
 */
async function ask<R extends QueryResultRow>(
  pool: Pool,
  statement: string | QueryConfig,
  values: unknown[] | undefined,
  patience: Patience | undefined,
): Promise<QueryResult<R>> {
  const client = await pool.connect();
  client.on('error', alreadyKnown);
  const watch = patience ? cutAfter(client, patience.statementMs) : null;
  let failure: Error | undefined;
  try {
    const answer = answerOf<R>(client, statement, values);
    return await (watch ? Promise.race([answer, watch.cut]) : answer);
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    watch?.end();
    client.off('error', alreadyKnown);
    client.release(failure); // as the pool does: a connection on which something failed is not used again
  }
}

function answerOf<R extends QueryResultRow>(
  client: PoolClient,
  statement: string | QueryConfig,
  values: unknown[] | undefined,
): Promise<QueryResult<R>> {
  const { promise, resolve, reject } = Promise.withResolvers<QueryResult<R>>();
  const config = typeof statement === 'string' ? { text: statement } : statement;
  void client.query<R>(values ? { ...config, values } : config, answered(resolve, reject));
  return promise;
}

/** Made here, so that it holds these two alone. */
const answered =
  <T>(resolve: (answer: T) => void, reject: (error: Error) => void) =>
  (error: Error | null, answer: T) =>
    error ? reject(error) : resolve(answer);

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

/** Cuts a connection when it takes too long: every statement that waits on it is rejected, and the server rolls back. */
function cutAfter(client: PoolClient, milliseconds: number): { readonly cut: Promise<never>; end(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // nobody may be listening any more
  const timer = setTimeout(() => {
    reject(new DatabaseUnavailableError('The database took too long and was not waited for. Try again in a moment.'));
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
