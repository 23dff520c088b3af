import type { Writable } from 'node:stream';
import { types } from 'node:util';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../environment/variables.js';
import { describeError } from './describe-error.js';

/** The process's log. Objects first, then a constant text: `log.info({ port }, 'listening')`. */
export type Log = Logger;

/** Names of fields that never reach the log, wherever an object carries them up to three levels deep. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'token',
  'adminKey',
  'connectionString',
  'databaseUrl',
  'eventStoreUrl',
  'sasl',
  'body',
  'query',
  'SAMLResponse',
  'SAMLRequest',
  'RelayState',
  'email',
  'userName',
  'displayName',
  'claims',
];

const REDACTED = ['', '*.', '*.*.'].flatMap((level) =>
  SECRET_FIELDS.map((field) => (field.includes('-') ? `${level.slice(0, -1)}["${field}"]` : `${level}${field}`)),
);

/** Where and how to log. */
export interface LogOptions {
  readonly level: LogLevel;
  /** Lines for people, in colour, in place of JSON. Default: when standard output is a terminal. */
  readonly readable?: boolean;
  /** Default: standard output. */
  readonly destination?: Writable;
}

/** Makes the process's log: JSON lines, or readable ones on a terminal. Secrets and personal fields are left out by name, errors are described without their input. */
export function createLog({ level, readable = process.stdout.isTTY, destination }: LogOptions): Log {
  const options = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, remove: true },
    serializers: { err: serializeError },
  };
  if (!readable) return destination ? pino(options, destination) : pino(options);
  return pino(
    options,
    pretty({ colorize: true, singleLine: true, sync: true, ...(destination ? { destination } : {}) }),
  );
}

/** Describes an error for the log; a description made elsewhere stays as it is. */
export function serializeError(error: unknown): unknown {
  return types.isNativeError(error) ? describeError(error) : error;
}
