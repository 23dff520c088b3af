import type { Keyring } from '#libs/vault';
import { ERASED, WITHHELD } from '#libs/vault';
import { foldCase } from './fold-case.js';

/**
 * What tells one person from another. `link`: a subject of a connection, compared exactly. `userName` and `verifiedEmail`: compared without
 * case. `externalId`: compared exactly.
 */
export type KeyKind = 'link' | 'userName' | 'externalId' | 'verifiedEmail';

/** A subject as a connection names it: SAML NameID, OIDC `sub`, … */
export interface LinkedSubject {
  readonly connection: string;
  readonly subject: string;
}

/** A key as the database sees it: no text that a person could be known by. */
export interface IdentityKey {
  readonly directory: string;
  readonly kind: KeyKind;
  readonly hmac: string;
}

/** Longest value of a key, characters; the same as for any claim value. */
export const MAX_KEY_VALUE_LENGTH = 8192;

const MARKS: ReadonlySet<string> = new Set([ERASED, WITHHELD]);

/** Whether a text can identify somebody: not empty, not too long, well-formed, and not one of the marks that stand for absent data. */
export function identifies(value: string): boolean {
  return value !== '' && value.length <= MAX_KEY_VALUE_LENGTH && value.isWellFormed() && !MARKS.has(value);
}

/**
 * Key of a link. A connection's subjects are unique in the connection, whatever directory it provisions into, now or later:
 * so a link has no directory.
 */
export function linkKey(keyring: Keyring, tenant: string, { connection, subject }: LinkedSubject): IdentityKey {
  return { directory: '', kind: 'link', hmac: keyring.lookupHmac('identity-link', tenant, connection, subject) };
}

/** Look-up value of an attribute that identifies a person in a directory. */
export function attributeHmac(keyring: Keyring, tenant: string, kind: Exclude<KeyKind, 'link'>, value: string): string {
  return keyring.lookupHmac('identity-attribute', tenant, kind, kind === 'externalId' ? value : foldCase(value));
}
