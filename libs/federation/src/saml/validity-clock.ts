import { demand } from './saml-refused.error.js';

/** The moment of the check with the connection's tolerance, which always speaks for the person. */
export class ValidityClock {
  readonly #now: number;
  readonly #skew: number;

  constructor(now: Date, skewSeconds: number) {
    this.#now = now.getTime();
    this.#skew = skewSeconds * 1000;
  }

  /** Whether an exclusive end (`NotOnOrAfter`), in milliseconds, has been reached. */
  hasPassed(end: number): boolean {
    return this.#now - this.#skew >= end;
  }

  /** Whether a beginning (`NotBefore`, `IssueInstant`), in milliseconds, has been reached. */
  hasBegun(beginning: number): boolean {
    return this.#now + this.#skew >= beginning;
  }

  /** @throws {Refusal} `not-yet-valid` when a beginning (`NotBefore`, `IssueInstant`), in milliseconds, lies ahead */
  demandBegun(beginning: number): void {
    demand(this.hasBegun(beginning), 'not-yet-valid', 'The assertion is not valid yet. Compare the clocks.');
  }

  /** @throws {Refusal} `expired` */
  demandNotPassed(end: number): void {
    demand(
      !this.hasPassed(end),
      'expired',
      'The assertion has expired. Start again; if it happens often, compare the clocks.',
    );
  }
}
