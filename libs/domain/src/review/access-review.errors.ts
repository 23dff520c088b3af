import { DomainError } from '#libs/kernel';

/** No such review in this tenant. */
export class AccessReviewNotFoundError extends DomainError {
  readonly code = 'access-review-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such access review in this tenant.');
  }
}

/** Not every item is there yet. */
export class AccessReviewBuildingError extends DomainError {
  readonly code = 'access-review-building';
  readonly kind = 'conflict';
  constructor() {
    super('The items of this access review are still being put together. Try again when its status is open.');
  }
}

/** It has ended already. */
export class AccessReviewClosedError extends DomainError {
  readonly code = 'access-review-closed';
  readonly kind = 'conflict';
  constructor() {
    super('This access review is closed already.');
  }
}

/** Closing it would revoke more by silence than the policy lets it. */
export class AccessReviewHeldError extends DomainError {
  readonly code = 'access-review-held';
  readonly kind = 'conflict';
  override readonly details: Readonly<Record<string, string | number>>;
  constructor(hold: { readonly revocations: number; readonly limit: number; readonly confirm: string }) {
    super(
      `Closing this access review would revoke ${hold.revocations} grants because nobody answered (limit ${hold.limit}). Look at its open items; to do it, close the review with confirm ${hold.confirm}.`,
    );
    this.details = { revocations: hold.revocations, limit: hold.limit, confirm: hold.confirm };
  }
}

/** Only what has ended can be signed off. */
export class AccessReviewNotFinishedError extends DomainError {
  readonly code = 'access-review-not-finished';
  readonly kind = 'conflict';
  constructor() {
    super('This access review is not closed yet. Sign it off when it is.');
  }
}

/** It was signed off before. */
export class AccessReviewSignedOffError extends DomainError {
  readonly code = 'access-review-signed-off';
  readonly kind = 'conflict';
  constructor() {
    super('This access review is signed off already.');
  }
}

/** Who decided in a review cannot also say that it was done properly. */
export class SignOffByReviewerError extends DomainError {
  readonly code = 'sign-off-by-reviewer';
  readonly kind = 'forbidden';
  constructor() {
    super('Whoever decided in an access review cannot sign it off. Ask an owner who decided nothing in it.');
  }
}

/** Somebody else has to sign. */
export class SignOffNotAllowedError extends DomainError {
  readonly code = 'sign-off-not-allowed';
  readonly kind = 'forbidden';
  constructor(named: boolean) {
    super(
      named
        ? 'The policy of this access review names somebody else to sign it off.'
        : 'Only an owner (role gatebook.owner) can sign an access review off.',
    );
  }
}
