import { DomainError } from '#libs/kernel';

/** No instance of the server that answers at this address can be reached. Nothing was done. */
export class ServerAwayError extends DomainError {
  readonly code = 'server-away';
  readonly kind = 'unavailable';
  constructor(readonly server: string) {
    super(
      `The server "${server}", which answers here, is not running or cannot be reached. Nothing was done: try again.`,
    );
  }
}

/** The connection to the server was lost, or its patience ended, before it had answered. Whether the request was carried out is unknown. */
export class AnswerLostError extends DomainError {
  readonly code = 'answer-lost';
  readonly kind = 'unavailable';
  constructor(readonly server: string) {
    super(
      `The server "${server}" did not finish its answer. Whether the request was carried out is unknown: repeat it, a change with the same Idempotency-Key.`,
    );
  }
}

/** More requests are under way than the front passes on at once. Nothing was done. */
export class FrontBusyError extends DomainError {
  readonly code = 'front-busy';
  readonly kind = 'unavailable';
  constructor() {
    super('Too many requests are under way. Nothing was done: try again in a moment.');
  }
}
