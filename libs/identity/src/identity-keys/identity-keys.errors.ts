import { DomainError } from '#libs/kernel';
import type { KeyKind } from './identity-key.js';

/** A linked person's user name changed to one that another account holds. */
export class UsernameTakenError extends DomainError {
  readonly code = 'username-taken';
  readonly kind = 'forbidden';
  constructor(
    /** The account that is signing in. */
    readonly account: string,
    /** The account that holds the name; not for the eyes of the person who signs in. */
    readonly holder: string,
  ) {
    super('Your user name has changed to one that another account holds. Ask your administrator to resolve this.');
  }
}

/** A subject that nobody has seen before bears a name, address or id of an existing account, and the connection may not link them. */
export class AccountExistsUnlinkedError extends DomainError {
  readonly code = 'account-exists-unlinked';
  readonly kind = 'forbidden';
  constructor(
    /** The existing account; not for the eyes of the person who signs in. */
    readonly account: string,
    /** By which of its keys it was found. */
    readonly by: Exclude<KeyKind, 'link'>,
  ) {
    super(
      'An account with your name or address exists, but it is not linked to this way of signing in. Ask your administrator to link it.',
    );
  }
}

/** A value cannot identify anybody. */
export class IdentityValueError extends DomainError {
  readonly code = 'identity-value-invalid';
  readonly kind = 'invalid';
  constructor(kind: KeyKind) {
    super(
      `The ${kind} given cannot identify a person: it is empty, too long, malformed, or a reserved word. Use another value.`,
    );
  }
}

const TAKEN = {
  link: ['link-taken', 'This identity is already linked to another account'],
  userName: ['user-name-taken', 'This user name belongs to another account of the directory'],
  externalId: ['external-id-taken', 'This external id belongs to another account of the directory'],
  verifiedEmail: ['email-taken', 'This e-mail address is verified for another account of the directory'],
} as const satisfies Record<KeyKind, readonly [string, string]>;

/** An administrator gives an account a key that another account holds. */
export class IdentityKeyTakenError extends DomainError {
  readonly code: (typeof TAKEN)[KeyKind][0];
  readonly kind = 'conflict';
  override readonly details: { readonly account: string };
  constructor(key: KeyKind, account: string) {
    const [code, text] = TAKEN[key];
    super(`${text} (account: ${account}). Use that account, or free it there first.`);
    this.code = code;
    this.details = { account };
  }
}

/** The server has not yet read the whole log, so it cannot know who already has an account. */
export class IdentityKeysBehindError extends DomainError {
  readonly code = 'identity-keys-behind';
  readonly kind = 'unavailable';
  constructor() {
    super('The server is still reading its log and cannot create or change accounts yet. Try again in a few seconds.');
  }
}

/** Others kept changing the same keys. Nothing was claimed. */
export class IdentityKeysContendedError extends DomainError {
  readonly code = 'identity-keys-contended';
  readonly kind = 'unavailable';
  constructor() {
    super('Too many requests changed the same account at once. Try again.');
  }
}
