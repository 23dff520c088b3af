import type { VerifiedAssertion } from './verified-assertion.js';

/** What a source says about a person: name → trimmed values. A name with no values was sent empty; an absent name was not sent. */
export type Claims = ReadonlyMap<string, readonly string[]>;

/** Reserved name in mapping configuration, as in `userName: nameId`: the subject itself, never an attribute that calls itself so. */
export const NAME_ID_CLAIM = 'nameId';

/**
 * Lays an assertion out for mapping: attributes are found by Name, then by FriendlyName, and `nameId` is the subject.
 * A FriendlyName never hides a Name.
 */
export function claimsOf({ attributes, friendlyNames, nameId }: VerifiedAssertion): Claims {
  const byFriendlyName = [...friendlyNames].map(([friendly, name]) => [friendly, attributes.get(name) ?? []] as const);
  return new Map([...byFriendlyName, ...attributes, [NAME_ID_CLAIM, [nameId.value]]]);
}
