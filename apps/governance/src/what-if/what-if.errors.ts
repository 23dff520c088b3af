import { DomainError } from '#libs/kernel';

/** Another what-if is at work in this process, and one takes as much as the server can spare. */
export class WhatIfBusyError extends DomainError {
  readonly code = 'what-if-busy';
  readonly kind = 'unavailable';
  readonly headers = { 'Retry-After': '10' };
  constructor() {
    super('Another what-if is being answered. Try again when it is done, at the latest after a minute.');
  }
}
