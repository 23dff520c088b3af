import { DomainError } from '#libs/kernel';

/** No such change in this tenant. */
export class HeldChangeNotFoundError extends DomainError {
  readonly code = 'held-change-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such change in this tenant.');
  }
}

/** The change was answered, made, or waited too long. */
export class HeldChangeNotOpenError extends DomainError {
  readonly code = 'held-change-not-open';
  readonly kind = 'conflict';
  constructor(status: string) {
    super(`This change does not wait any more (status: ${status}). Make it anew where it is still wanted.`);
  }
}

/** Nobody approves of their own change, neither in person nor through a key that is their word. */
export class OwnChangeError extends DomainError {
  readonly code = 'own-change';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'Whoever asked for a change cannot approve of it, neither in person nor through a key that they made, and of two keys with one maker the one cannot approve of what the other filed. Somebody else has to.',
    );
  }
}

/** Each approval must be of another person. */
export class ChangeAlreadyApprovedError extends DomainError {
  readonly code = 'held-change-already-approved';
  readonly kind = 'conflict';
  constructor(missing: number) {
    super(
      `You have approved already, in person or through a key that you made. Approvals of other people are missing: ${missing}.`,
    );
  }
}

/** Somebody who has approved may not any more, or has turned out to be who asked. */
export class ChangeApproverGoneError extends DomainError {
  readonly code = 'change-approver-gone';
  readonly kind = 'conflict';
  constructor() {
    super(
      'Somebody who approved of this change is no administrator any more, so it was ended. Ask for it anew where it is still wanted.',
    );
  }
}

/** Only administrators of the tenant answer changes of others. */
export class ApproverNotAdminError extends DomainError {
  readonly code = 'approver-not-admin';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'Only somebody who may administer this tenant answers a change of somebody else, in person or through a key.',
    );
  }
}
