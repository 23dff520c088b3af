import { DomainError } from '#libs/kernel';

/** The policy is of another kind: there is nothing to make an exception from. */
export class NotASodPolicyError extends DomainError {
  readonly code = 'not-a-sod-policy';
  readonly kind = 'unprocessable';
  constructor() {
    super('Exceptions are made from policies of kind sod. Name one of those.');
  }
}

/** Nobody answers for the exception, or only who profits from it. */
export class SodExceptionOwnerError extends DomainError {
  readonly code = 'sod-exception-owner-invalid';
  readonly kind = 'unprocessable';
  constructor() {
    super(
      'owner must lead to an active account of this tenant, by userName or verified e-mail address, other than the account that the exception is for.',
    );
  }
}

/** Nobody makes an exception for themselves. */
export class OwnSodExceptionError extends DomainError {
  readonly code = 'own-sod-exception';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'Nobody may make an exception for their own account, neither in person nor through a key that they made. Ask another administrator.',
    );
  }
}
