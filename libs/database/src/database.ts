import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** Anything that runs a statement: the database, its pool, or the client of a transaction. Values arrive as `value-types.ts` says. */
export interface Queryable {
  query<R extends QueryResultRow>(statement: string | QueryConfig, values?: unknown[]): Promise<QueryResult<R>>;
}

/** Where the database reports what an operator should know. Never personal data, never values of statements. */
export interface DatabaseLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * One PostgreSQL, embedded or by `DATABASE_URL`, behind the same driver.
 * The embedded one has a single session: an open transaction makes every other statement of the process wait. So in all code a transaction
 * lasts at most 100 ms, calls nothing on the database but its own client, and session state (advisory locks, LISTEN, cursors,
 * temporary tables) is never used.
 */
export interface Database extends Queryable {
  readonly kind: 'embedded' | 'postgres';
  /** For query builders. Waits at most `CONNECTION_WAIT_MS` for a connection. */
  readonly pool: Pool;
  /**
   * Runs `work` in one READ COMMITTED transaction: committed when it resolves, rolled back when it rejects.
   * `work` uses only the client that it is given; the database's own `query` would wait for this very transaction.
   * @throws {TransactionAbortedError} when a statement failed and `work` swallowed the error: nothing was committed
   */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Writes down at which URL this process serves, for commands that find the data folder taken. Nothing to do on a PostgreSQL of its own. */
  recordServerUrl(url: string): void;
  /** Waits for running statements, flushes, frees the data folder. A second call changes nothing. */
  close(): Promise<void>;
}

/** Longest wait for a free connection, milliseconds. Longer means that a transaction is held open or the database does not answer. */
export const CONNECTION_WAIT_MS = 15_000;
