import { DomainError } from '#libs/kernel';

/** More answers of identity providers wait to be verified than the queue holds. This one was not looked at. */
export class VerificationBusyError extends DomainError {
  readonly code = 'verification-busy';
  readonly kind = 'unavailable';
  constructor() {
    super('Too many people sign in at this moment. Wait a few seconds, then start again.');
  }
}
