import { EventStoreBusyError } from '../event-store.errors.js';

/** Most calls that wait for the server at a time. */
export const MAX_CALLS = 1_000;

/** Most bytes of JSON in appends that wait for the server. */
export const MAX_CALL_BYTES = 64_000_000;

/** Calls that are let through while the server answers nobody: enough to notice that it is back. */
export const PROBES = 8;

/** A call that was let in. */
export interface Admitted {
  /** The server said something, whatever it was. */
  answered(): void;
  /** It said nothing in time. @returns whether it has said nothing to anybody else either since this call began */
  unanswered(): boolean;
  /** The call is over. */
  leave(): void;
}

/**
 * Bounds what waits for the server, in calls and in bytes. While the server is silent to everybody, only a few calls are let through and
 * the others are turned away at once: so neither memory nor answering times grow with the length of an outage.
 */
export class Admission {
  #calls = 0;
  #bytes = 0;
  #answers = 0;
  #silent = false;

  /** @throws {EventStoreBusyError} when too much waits already */
  enter(bytes = 0): Admitted {
    const most = this.#silent ? PROBES : MAX_CALLS;
    if (this.#calls >= most || this.#bytes >= MAX_CALL_BYTES) throw new EventStoreBusyError();
    this.#calls += 1;
    this.#bytes += bytes;
    const answersBefore = this.#answers;
    return {
      answered: () => {
        this.#answers += 1;
        this.#silent = false;
      },
      unanswered: () => {
        if (this.#answers === answersBefore) this.#silent = true;
        return this.#answers === answersBefore;
      },
      leave: () => {
        this.#calls -= 1;
        this.#bytes -= bytes;
      },
    };
  }
}
