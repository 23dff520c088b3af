import { DomainError } from '#libs/kernel';
import { DatabaseUnavailableError, StorageFullError } from './database.errors.js';
import { CONNECTION_WAIT_MS } from './database.js';
import { reasonOf } from './reason-of.js';

/** `disk_full`. */
const DISK_FULL = '53100';

/**
 * SQLSTATE that speaks about the health of the server and not about the statement: connections (08), resources (53), an operator or a
 * time-out (57), the system under it (58), a transaction that stood still for too long (25P03, 25P04).
 */
const SERVER_IN_TROUBLE = /^(08...|53...|57...|58...|25P0[34])$/;

/** Codes of the operating system for a server that cannot be reached. */
const UNREACHABLE = /^(E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)|ENOENT)$/;

/** What the driver says, without any code, of a connection that it lost, gave up waiting for, or closed. */
const LOST =
  /^(Connection terminated|Query read timeout|timeout expired|Client (was closed|has encountered a connection error)|Cannot use a pool after calling end)/;

/** The pool tells a wait that was too long only by its message. */
const NO_CONNECTION_FREE = 'timeout exceeded when trying to connect';

/**
 * Turns an error of the driver that is about the database, not about the statement, into one that says so; every other error comes back
 * as it is. Whether the statement took effect is unknown then, unless the disk was full: then it did not.
 */
export function asTrouble(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const code = codeOf(error);
  const message = reasonOf(error);
  if (code === DISK_FULL) return new StorageFullError(error);
  if (message === NO_CONNECTION_FREE)
    return new DatabaseUnavailableError(
      `No connection to the database became free within ${CONNECTION_WAIT_MS / 1000} s. It is overloaded, or a transaction is held open. Try again.`,
      error,
    );
  if (SERVER_IN_TROUBLE.test(code) || UNREACHABLE.test(code) || LOST.test(message))
    return new DatabaseUnavailableError('The database does not answer, or not in time. Try again in a moment.', error);
  return error;
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
