import type { Scope } from '#libs/contracts';
import { DomainError } from '#libs/kernel';

/** The request carries no key and no session. RFC 6750 §3.1: no error code in the challenge then. */
export class MissingKeyError extends DomainError {
  readonly code = 'missing-key';
  readonly kind = 'unauthenticated';
  readonly headers = { 'WWW-Authenticate': 'Bearer' };
  constructor() {
    super('This address needs an API key: send "Authorization: Bearer …", or sign in.');
  }
}

/** The key is not one of ours. Says nothing about which part of it is wrong. */
export class InvalidKeyError extends DomainError {
  readonly code: 'invalid-key' | 'key-expired' | 'key-revoked' = 'invalid-key';
  readonly kind = 'unauthenticated';
  readonly headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' };
  constructor(message = 'This API key is not valid.') {
    super(message);
  }
}

/** The key was right until it expired. Told only to those who hold its secret. */
export class KeyExpiredError extends InvalidKeyError {
  override readonly code = 'key-expired';
  constructor() {
    super('This API key has expired. Ask for a new one.');
  }
}

/** The key was right until it was revoked. Told only to those who hold its secret. */
export class KeyRevokedError extends InvalidKeyError {
  override readonly code = 'key-revoked';
  constructor() {
    super('This API key was revoked. Ask for a new one.');
  }
}

/** The caller is known but lacks a right. */
export class MissingScopeError extends DomainError {
  readonly code = 'missing-scope';
  readonly kind = 'forbidden';
  readonly headers: Readonly<Record<string, string>>;
  constructor(missing: readonly Scope[]) {
    super(`This needs the scope ${missing.join(' and ')}, which you do not have.`);
    this.headers = { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${missing.join(' ')}"` };
  }
}

/** Nobody can give more than they have. */
export class ScopeExceededError extends DomainError {
  readonly code = 'scope-exceeded';
  readonly kind = 'forbidden';
  constructor(lacking: readonly Scope[]) {
    super(`You cannot give scopes that you do not have: ${lacking.join(', ')}. Ask somebody who has them.`);
  }
}

/** A write by cookie did not prove that it comes from a page of Gatebook. */
export class CsrfRefusedError extends DomainError {
  readonly code = 'csrf-refused';
  readonly kind = 'forbidden';
  constructor() {
    super('This request did not come from a page of Gatebook, or the page is too old. Load the page again and repeat.');
  }
}

/** A key of the installation must say which tenant it means. */
export class TenantRequiredError extends DomainError {
  readonly code = 'tenant-required';
  readonly kind = 'invalid';
  constructor() {
    super('There are several tenants: say which one with "tenant".');
  }
}
