import { DomainError } from '#libs/kernel';

/** No such item in this tenant. */
export class ReviewItemNotFoundError extends DomainError {
  readonly code = 'review-item-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such review item in this tenant.');
  }
}

/** The item is decided: by somebody else, by its policy, or because the grant ended. */
export class ReviewItemClosedError extends DomainError {
  readonly code = 'review-item-closed';
  readonly kind = 'conflict';
  constructor() {
    super('This review item is decided already. Look at it again to see by whom and how.');
  }
}

/** The stage that somebody looked at is over. */
export class ReviewItemStageOverError extends DomainError {
  readonly code = 'review-item-stage-over';
  readonly kind = 'conflict';
  constructor(readonly stage: number) {
    super(
      `Somebody else decided this stage meanwhile; the item is in stage ${stage + 1} now. Look at it again before you decide.`,
    );
  }
}

/** What an earlier stage certified is not what would be certified now. */
export class ReviewItemChangedError extends DomainError {
  readonly code = 'review-item-changed';
  readonly kind = 'conflict';
  constructor() {
    super(
      'The person or the grant has changed since an earlier stage certified it, so its reviewers are asked again. Wait for your stage, or revoke.',
    );
  }
}

/** Whoever asks is not asked. */
export class NotAReviewerError extends DomainError {
  readonly code = 'not-a-reviewer';
  readonly kind = 'forbidden';
  constructor() {
    super('Only those whom a review item names as its reviewers may decide it. Ask one of them to pass it on to you.');
  }
}

/** Nobody decides about what they hold themselves. */
export class OwnGrantError extends DomainError {
  readonly code = 'own-grant';
  readonly kind = 'forbidden';
  constructor() {
    super('This review item is about your own access. Abstain, so that somebody else is asked.');
  }
}

/** Nobody confirms what they gave or approved themselves. */
export class ApprovedByReviewerError extends DomainError {
  readonly code = 'approved-by-reviewer';
  readonly kind = 'forbidden';
  constructor() {
    super('This review item is about access that you gave or approved. Abstain, so that somebody else is asked.');
  }
}

/** Stages are certified by different people, else a second one says nothing. */
export class CertifiedBeforeError extends DomainError {
  readonly code = 'certified-before';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'You certified an earlier stage of this review item, and each stage needs somebody else. Pass it on, or abstain.',
    );
  }
}

/** The policy asks for a reason. */
export class ReviewReasonRequiredError extends DomainError {
  readonly code = 'review-reason-required';
  readonly kind = 'unprocessable';
  constructor(what: string) {
    super(`Say a reason: ${what} needs one here.`);
  }
}

/** The end that a reduction asks for makes no sense. */
export class ReviewUntilInvalidError extends DomainError {
  readonly code = 'review-until-invalid';
  readonly kind = 'unprocessable';
  constructor(end: string | null) {
    super(
      end === null
        ? 'Say until when the grant may go on (until): an instant in the future. Where no grant exists there is nothing to reduce.'
        : `Say until when the grant may go on (until): an instant in the future, and before ${end}, when it ends anyway.`,
    );
  }
}

/** Who would be asked instead may not decide. */
export class InvalidNewReviewerError extends DomainError {
  readonly code = 'invalid-new-reviewer';
  readonly kind = 'unprocessable';
  constructor() {
    super(
      'Pass a review item on to somebody else who is active, does not hold the access in question, did not give or approve it, and certified no earlier stage.',
    );
  }
}

/** An item names a limited number of reviewers. */
export class TooManyReviewersError extends DomainError {
  readonly code = 'too-many-reviewers';
  readonly kind = 'unprocessable';
  constructor(limit: number) {
    super(`A review item can name ${limit} reviewers at most. Reassign it instead of delegating it further.`);
  }
}
