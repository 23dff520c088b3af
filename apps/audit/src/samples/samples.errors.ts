import { DomainError } from '#libs/kernel';

/** Other samples are drawn by this server, and they take as much as it can spare. */
export class SamplesBusyError extends DomainError {
  readonly code = 'samples-busy';
  readonly kind = 'limited';
  readonly headers = { 'Retry-After': '10' };
  constructor() {
    super('Another sample is being drawn. Try again when it is done: the same seed gives the same sample.');
  }
}
