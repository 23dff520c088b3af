import { DomainError } from '#libs/kernel';

/** Nobody ends the question about themselves. */
export class OwnReviewError extends DomainError {
  readonly code = 'own-review';
  readonly kind = 'forbidden';
  constructor() {
    super('This review asks about your own access, or about a change of yours. Have somebody else end it.');
  }
}

/** What was taken in an emergency is answered, not left open. */
export class EmergencyUnansweredError extends DomainError {
  readonly code = 'break-glass-unanswered';
  readonly kind = 'conflict';
  constructor() {
    super(
      'This review asks about access that was taken in an emergency. Decide its items, or pass them on to who can; then it closes by itself.',
    );
  }
}
