import { DomainError } from '#libs/kernel';

/** Too many jobs wait already. Nothing was started; the caller may repeat in a moment. */
export class WorkerQueueFullError extends DomainError {
  readonly code = 'worker-queue-full';
  readonly kind = 'unavailable';

  constructor(pool: string, limit: number) {
    super(`The queue of ${pool} is full (${limit} waiting). Try again in a moment.`);
  }
}

/** A job ran longer than it may; its worker was ended, other jobs were not touched. */
export class WorkerTimeoutError extends DomainError {
  readonly code = 'worker-timeout';
  readonly kind = 'unavailable';

  constructor(pool: string, limitMs: number) {
    super(`A job of ${pool} ran longer than ${limitMs} ms and was ended.`);
  }
}

/** A job threw, or its worker died under it (out of memory, for example). The message never repeats the job's content. */
export class WorkerJobFailedError extends DomainError {
  readonly code = 'worker-job-failed';
  readonly kind = 'unavailable';

  constructor(pool: string, reason: string) {
    super(`A job of ${pool} failed (${reason}).`);
  }
}

/** The pool's threads do not start, so nothing can be done until an operator looks. */
export class WorkerPoolBrokenError extends DomainError {
  readonly code = 'worker-pool-broken';
  readonly kind = 'unavailable';

  constructor(pool: string) {
    super(`The threads of ${pool} do not start. Is the project built, and is there memory left?`);
  }
}

/** The pool is closing or closed and takes no more jobs. */
export class WorkerPoolClosedError extends DomainError {
  readonly code = 'worker-pool-closed';
  readonly kind = 'unavailable';

  constructor(pool: string) {
    super(`${pool} is closed. The server is shutting down.`);
  }
}
