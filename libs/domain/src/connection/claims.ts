import type { ClaimList } from '#libs/contracts';

/** What a source said about a person: claim name → trimmed values. A map, because names come from outside. */
export type Claims = ReadonlyMap<string, readonly string[]>;

/** How a person signed in at the source. */
export interface Authentication {
  /** `AuthnContextClassRef` or `acr`; null where the source says nothing. */
  readonly context: string | null;
  /** Methods of authentication (RFC 8176), where the source names them. */
  readonly methods: readonly string[];
}

/** What was verified, as far as deciding about a person needs it. */
export interface PresentedIdentity {
  /** NameID, `sub`, or a stable id of the profile; `format` where the protocol has one. */
  readonly subject: { readonly value: string; readonly format: string | null };
  readonly claims: Claims;
  readonly authentication: Authentication;
  /** The person is in more groups than the source could name: groups are unknown, whatever the claims hold. */
  readonly groupsOverage: boolean;
}

/** Writes claims down as a list of pairs, in the order given. */
export function toClaimList(claims: Claims): ClaimList {
  return [...claims].map(([name, values]) => ({ name, values: [...values] }));
}

/** Reads claims back from a list of pairs. */
export function fromClaimList(list: ClaimList): Claims {
  return new Map(list.map(({ name, values }) => [name, values]));
}
