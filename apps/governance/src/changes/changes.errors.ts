import { DomainError } from '#libs/kernel';

/** Only administrators approve of changes, also where a key speaks for them. */
export class ApproverNotAdminError extends DomainError {
  readonly code = 'approver-not-admin';
  readonly kind = 'forbidden';
  constructor() {
    super('A change is approved by somebody who holds gatebook.admin. Name such an account in actAs.');
  }
}
