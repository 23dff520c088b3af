import { DomainError } from '#libs/kernel';

/** An answer for which this browser has no sign-in under way: another browser's, one that was answered already, or one that is over. */
export class SignInNotUnderWayError extends DomainError {
  readonly code = 'sign-in-not-under-way';
  readonly kind = 'invalid';
  constructor() {
    super(
      'This browser has no such sign-in under way: it was answered already, took too long, or began elsewhere. Start again at /login.',
    );
  }
}
