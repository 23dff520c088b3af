import { DomainError } from '#libs/kernel';

/** No such account in this tenant. */
export class AccountNotFoundError extends DomainError {
  readonly code = 'account-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such account in this tenant.');
  }
}

/** The account is already there. */
export class AccountExistsError extends DomainError {
  readonly code = 'account-exists';
  readonly kind = 'conflict';
  constructor() {
    super('This account exists already.');
  }
}

/** The account holds the role by hand already. */
export class RoleAlreadyAssignedError extends DomainError {
  readonly code = 'role-already-assigned';
  readonly kind = 'conflict';
  constructor(grant: string) {
    super(
      `The account holds this role by hand already (grant: ${grant}). To change its end, revoke that grant and assign the role anew.`,
    );
  }
}

/** A standing decision keeps the role from the account. */
export class RoleWithheldError extends DomainError {
  readonly code = 'role-withheld';
  readonly kind = 'conflict';
  constructor(role: string) {
    super(
      `The role ${role} is withheld from this account. To give it all the same, say overrideWithholding with a reason.`,
    );
  }
}

/** The end of a grant lies in the past, or beyond what the role allows. */
export class InvalidGrantEndError extends DomainError {
  readonly code = 'invalid-until';
  readonly kind = 'invalid';
  constructor(latest: string | null) {
    super(
      latest
        ? `until must lie in the future and not after ${latest}: the role limits how long a grant may last.`
        : 'until must lie in the future.',
    );
  }
}

/** No open grant of this id on the account. */
export class GrantNotFoundError extends DomainError {
  readonly code = 'grant-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('The account has no open grant with this id.');
  }
}

/** A rule gave the grant and would give it again. */
export class WithholdRequiredError extends DomainError {
  readonly code = 'withhold-required';
  readonly kind = 'invalid';
  constructor() {
    super(
      'A rule gave this grant. Say withhold=true to keep the role away until the rule or the person’s attributes change, or withhold=false to let the next sign-in give it again.',
    );
  }
}

/** The role is not withheld. */
export class NotWithheldError extends DomainError {
  readonly code = 'not-withheld';
  readonly kind = 'conflict';
  constructor(role: string) {
    super(`The role ${role} is not withheld from this account.`);
  }
}

/** The account is suspended or is not, contrary to what the command needs. */
export class AccountStatusError extends DomainError {
  readonly code = 'account-status';
  readonly kind = 'conflict';
  constructor(status: string) {
    super(`The account is ${status} already.`);
  }
}

/** Only an administrator, or the source that deactivated an account, may reactivate it. */
export class ReactivationNotAllowedError extends DomainError {
  readonly code = 'reactivation-not-allowed';
  readonly kind = 'forbidden';
  constructor() {
    super('Another source deactivated this account. An administrator can reactivate it.');
  }
}

/** The subject is joined to this account already. */
export class AlreadyLinkedError extends DomainError {
  readonly code = 'already-linked';
  readonly kind = 'conflict';
  constructor() {
    super('This subject of the connection is linked to the account already.');
  }
}
