/** What an error means to the caller; each shell maps it once to its protocol (HTTP status, exit code). */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'stale'
  | 'unprocessable'
  | 'tooLarge'
  | 'limited'
  | 'unavailable';

/**
 * A broken rule, told to the person who caused it. `message` says what was wrong and what to do, with ids only and never personal data;
 * it may be shown to the caller as it is.
 */
export abstract class DomainError extends Error {
  /** Stable, kebab-case, unique in the whole product. */
  abstract readonly code: string;
  abstract readonly kind: ErrorKind;
  /** Ids and numbers that help to act on the error; no personal data. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>;

  override get name(): string {
    return this.constructor.name;
  }
}
