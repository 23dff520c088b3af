import { DomainError } from '#libs/kernel';

/** A key asks for what only a person can do, and names none. */
export class ActAsRequiredError extends DomainError {
  readonly code = 'act-as-required';
  readonly kind = 'unprocessable';
  constructor() {
    super('A key cannot do this in its own name. Say with "actAs" for which account of the tenant it acts.');
  }
}

/** A person who is signed in speaks for nobody else. */
export class ActAsOtherError extends DomainError {
  readonly code = 'act-as-other';
  readonly kind = 'forbidden';
  constructor() {
    super('Whoever is signed in acts for themselves. Leave "actAs" out; only keys use it.');
  }
}
