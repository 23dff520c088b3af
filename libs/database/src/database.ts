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

/** How long a transaction may last. */
export interface TransactionLimits {
  /** True for the few that take as long as they take, such as a migration or a copy of a whole table: no time-out ends them. Default false. */
  readonly unhurried?: boolean;
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
   * @throws {StorageFullError} when the disk is full: nothing was committed
   * @throws {DatabaseUnavailableError} when the database does not answer in time: it may have been committed
   */
  transaction<T>(work: (client: PoolClient) => Promise<T>, limits?: TransactionLimits): Promise<T>;
  /** Writes down at which URL this process serves, for commands that find the data folder taken. Nothing to do on a PostgreSQL of its own. */
  recordServerUrl(url: string): void;
  /** Waits for running statements, flushes, frees the data folder. A second call changes nothing. */
  close(): Promise<void>;
}

/** Longest wait for a free connection, milliseconds. Longer means that a transaction is held open or the database does not answer. */
export const CONNECTION_WAIT_MS = 15_000;

/** Longest time that PostgreSQL may work on one statement, milliseconds; then it ends it. Not in an unhurried transaction. */
export const STATEMENT_TIMEOUT_MS = 10_000;

/** Longest wait for the answer to one statement, milliseconds, for a server that does not even say that it took too long. */
export const STATEMENT_WAIT_MS = 12_000;

/** Longest time for a whole transaction, milliseconds; then its connection is cut. Not for an unhurried one. */
export const TRANSACTION_WAIT_MS = 20_000;
