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

/** Nobody undoes what a review decided about themselves. */
export class OwnWithholdingError extends DomainError {
  readonly code = 'own-withholding';
  readonly kind = 'forbidden';
  constructor(role: string) {
    super(
      `A review decided that the role ${role} is withheld from your own account. Ask another administrator, who can undo that.`,
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

/** A source says that the account counts again, as of before it suspended it. */
export class ReactivationOutdatedError extends DomainError {
  readonly code = 'reactivation-outdated';
  readonly kind = 'conflict';
  constructor() {
    super(
      'This account was deactivated after that. A later word of its source, or an administrator, can reactivate it.',
    );
  }
}

/** A policy of segregation of duties does not let the account hold the role beside what it holds. */
export class SodConflictError extends DomainError {
  readonly code = 'sod-conflict';
  readonly kind = 'conflict';
  override readonly details: { readonly policies: readonly string[]; readonly held: readonly string[] };
  constructor(role: string, conflicts: readonly { readonly policy: string; readonly held: readonly string[] }[]) {
    const beside = conflicts.map(({ policy, held }) => `${held.join(', ')} (policy: ${policy})`).join('; ');
    super(
      `The role ${role} must not be held together with ${beside}. End those grants first, or have an exception granted for this account.`,
    );
    this.details = {
      policies: conflicts.map(({ policy }) => policy),
      held: [...new Set(conflicts.flatMap(({ held }) => held))].sort(),
    };
  }
}

/** The account is suspended or past its end: what it is given would not count. */
export class AccountNotActiveError extends DomainError {
  readonly code = 'account-inactive';
  readonly kind = 'conflict';
  constructor() {
    super('The account is deactivated, or its end date has passed. Reactivate it first.');
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

/** The subject is not joined to this account. */
export class NotLinkedError extends DomainError {
  readonly code = 'not-linked';
  readonly kind = 'notFound';
  constructor() {
    super('This subject of the connection is not linked to the account.');
  }
}

/** The account ended in a merge: nothing can be done with it any more. */
export class AccountMergedError extends DomainError {
  readonly code = 'account-merged-into-another';
  readonly kind = 'conflict';
  override readonly details: { readonly account: string };
  constructor(into: string) {
    super(`This account was merged into another one (account: ${into}). Use that one.`);
    this.details = { account: into };
  }
}

const MERGE_PROBLEMS = {
  itself: 'An account cannot be merged with itself. Name two accounts.',
  absorbed: 'This account has taken over the identities of the other one already. Merge the other one into this one.',
  directories: 'The accounts live in different directories. Only accounts of one directory can be merged.',
} as const;

/** The two accounts cannot be merged, or not this way round. */
export class MergeNotPossibleError extends DomainError {
  readonly code = 'merge-not-possible';
  readonly kind = 'conflict';
  constructor(why: keyof typeof MERGE_PROBLEMS) {
    super(MERGE_PROBLEMS[why]);
  }
}
