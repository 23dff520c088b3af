import { DomainError } from '#libs/kernel';

/** Other what-ifs or dry runs are at work in this process, and they take as much as the server can spare. */
export class DryRunsBusyError extends DomainError {
  readonly code = 'what-if-busy';
  readonly kind = 'unavailable';
  readonly headers = { 'Retry-After': '10' };
  constructor() {
    super('Another what-if or dry run is being answered. Try again when it is done, at the latest after a minute.');
  }
}
