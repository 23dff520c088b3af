import { types } from 'node:util';
import { DomainError } from '#libs/kernel';

/** What the log keeps of an error. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  /** Where it was thrown: file and line, innermost first. */
  readonly at: readonly string[];
  /** Names that PostgreSQL gives with an error; its `detail` holds values and is left out. */
  readonly database?: Readonly<Record<string, string>>;
  readonly cause?: ErrorDescription;
}

const FRAMES_MAX = 12;
const CAUSES_MAX = 4;
const MESSAGE_LENGTH_MAX = 500;

/** Parts of PostgreSQL's errors that name things of ours and hold no values. */
const DATABASE_FIELDS = ['schema', 'table', 'column', 'constraint', 'routine'] as const;

/**
 * Describes an error for the log without personal data: messages of domain errors as they are, messages of others with everything
 * in quotes, and everything that looks like an e-mail address, left out, because libraries quote their input.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!types.isNativeError(error)) return { type: typeof error, message: 'not an Error', at: [] };
  return {
    type: error.name,
    message: error instanceof DomainError ? error.message : withoutInput(error.message),
    at: framesOf(error),
    ...codeOf(error),
    ...databaseOf(error),
    ...(error.cause !== undefined && depth < CAUSES_MAX ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** Leaves out of a library's text what may come from outside. */
export function withoutInput(message: string): string {
  return message
    .slice(0, MESSAGE_LENGTH_MAX)
    .replace(/"[^"]*("|$)/g, '"…"')
    .replace(/'[^']*('|$)/g, "'…'")
    .replace(/`[^`]*(`|$)/g, '`…`')
    .replace(/\S+@\S+/g, '…@…');
}

function framesOf(error: Error): string[] {
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return frames.slice(0, FRAMES_MAX).map((line) => line.trim().slice(3));
}

function codeOf(error: Error): { code?: string } {
  return 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
}

function databaseOf(error: Error): { database?: Record<string, string> } {
  const fields = error as unknown as Record<string, unknown>;
  const known = DATABASE_FIELDS.flatMap((name): [string, string][] => {
    const value = fields[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return known.length > 0 ? { database: Object.fromEntries(known) } : {};
}
