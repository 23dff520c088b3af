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

/** Nobody approves of their own change, neither in person nor through the key that filed it. */
export class OwnChangeError extends DomainError {
  readonly code = 'own-change';
  readonly kind = 'forbidden';
  constructor() {
    super('Whoever asked for a change cannot approve of it, nor can the key that filed it. Somebody else has to.');
  }
}

/** Each approval must be of another person. */
export class ChangeAlreadyApprovedError extends DomainError {
  readonly code = 'held-change-already-approved';
  readonly kind = 'conflict';
  constructor(missing: number) {
    super(`You have approved already. Approvals of other people are missing: ${missing}.`);
  }
}
