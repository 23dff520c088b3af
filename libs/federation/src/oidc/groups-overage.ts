import type { Claims } from '../saml/claims.js';

const LINKS = ['groups.link', 'http://schemas.microsoft.com/claims/groups.link'];

/**
 * Whether the provider left the groups out because there are too many: Entra says so by `_claim_names`, `hasgroups` or a link.
 * Where they can be looked up is built from `tid` and `oid`, never from an address in the token.
 * @see OpenID Connect Core §5.6.2
 */
export function saysGroupsOverage(json: Readonly<Record<string, unknown>>): boolean {
  const elsewhere = json['_claim_names'];
  const named = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, 'groups');
  const flagged = Object.hasOwn(json, 'hasgroups') && [true, 'true', 1, '1'].includes(json['hasgroups'] as string);
  const { groups } = json;
  const linked = typeof groups === 'object' && groups !== null && Object.hasOwn(groups, 'link');
  return named || flagged || linked || LINKS.some((name) => Object.hasOwn(json, name));
}

/** The claims without groups: what is there would be a part, and a part is not the whole. */
export function withoutGroups(claims: Claims): Claims {
  return new Map([...claims].filter(([name]) => name !== 'groups' && name !== 'hasgroups' && !isLink(name)));
}

const isLink = (name: string) => LINKS.includes(name);
