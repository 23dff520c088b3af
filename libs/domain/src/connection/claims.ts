import type { ClaimList } from '#libs/contracts';

/** What a source said about a person: claim name → trimmed values. A map, because names come from outside. */
export type Claims = ReadonlyMap<string, readonly string[]>;

/** A verified assertion, as far as deciding about a person needs it. */
export interface PresentedIdentity {
  readonly nameId: { readonly value: string; readonly format: string | null };
  readonly claims: Claims;
}

/** Writes claims down as a list of pairs, in the order given. */
export function toClaimList(claims: Claims): ClaimList {
  return [...claims].map(([name, values]) => ({ name, values: [...values] }));
}

/** Reads claims back from a list of pairs. */
export function fromClaimList(list: ClaimList): Claims {
  return new Map(list.map(({ name, values }) => [name, values]));
}
