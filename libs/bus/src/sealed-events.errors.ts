import { DomainError } from '#libs/kernel';

/** What a reader was to receive next is missing or different from what was sealed. It must stop: going on would hide a loss. */
export class SealedLogBrokenError extends DomainError {
  readonly code = 'sealed-log-broken';
  readonly kind = 'unavailable';
  constructor(problem: string, position: number) {
    super(
      `The sealed log cannot be read on: ${problem} (position: ${position}). Run "gatebook verify"; if a database was restored, rebuild what was derived from it.`,
    );
  }
}
