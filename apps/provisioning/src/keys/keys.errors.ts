import { DomainError } from '#libs/kernel';

/** Nobody can give a key more than they have. */
export class KeyScopeError extends DomainError {
  readonly code = 'scope-exceeded';
  readonly kind = 'forbidden';
  constructor(scopes: readonly string[]) {
    super(`You cannot give a key scopes that you do not have: ${scopes.join(', ')}.`);
  }
}
