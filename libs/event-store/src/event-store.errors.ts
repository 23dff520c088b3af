import { DomainError } from '#libs/kernel';

/** Somebody else appended to the stream first. Reload and decide again. */
export class WrongExpectedRevisionError extends DomainError {
  readonly code = 'wrong-expected-revision';
  readonly kind = 'conflict';
  constructor(stream: string, expected: number) {
    super(`The stream has moved on (stream: ${stream}, expected revision: ${expected}). Read it again and repeat.`);
  }
}

/** The store did not answer in time or the connection broke: the append may or may not have happened. */
export class AppendUnavailableError extends DomainError {
  readonly code = 'event-store-unavailable';
  readonly kind = 'unavailable';
  constructor(cause: unknown) {
    super(
      'The event store did not answer. Repeat the request with the same Idempotency-Key; nothing will happen twice.',
    );
    this.cause = cause;
  }
}

/** The same Idempotency-Key came with another body. */
export class IdempotencyKeyReusedError extends DomainError {
  readonly code = 'idempotency-key-reused';
  readonly kind = 'unprocessable';
  constructor() {
    super('This Idempotency-Key was used before with another request. Use a new key for a new request.');
  }
}

/** More appends wait than the queue holds. Nothing was appended. */
export class EventStoreBusyError extends DomainError {
  readonly code = 'event-store-busy';
  readonly kind = 'unavailable';
  constructor() {
    super('Too many changes wait to be recorded. Nothing was changed; repeat the request in a few seconds.');
  }
}

/** An event with this id is already recorded in another place. Nothing was appended. */
export class EventIdTakenError extends DomainError {
  readonly code = 'event-id-taken';
  readonly kind = 'conflict';
  constructor(stream: string) {
    super(`An event id of this append is already used elsewhere (stream: ${stream}). Nothing was appended.`);
  }
}

/** An append that no store can hold: a mistake in the program. Nothing was appended. */
export class InvalidAppendError extends DomainError {
  readonly code = 'invalid-append';
  readonly kind = 'invalid';
  constructor(what: string) {
    super(`These events cannot be appended: wrong ${what}.`);
  }
}
