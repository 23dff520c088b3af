import type { ConnectionSettings, Profile } from '#libs/contracts';
import type { OfferedValue } from './conditions.js';
import { domainOf } from './email-domain.js';
import type { MappedIdentity } from './identity-mapping.js';

type LinkingRule = Exclude<ConnectionSettings['linking'], 'none'>;
type Named = { readonly userName?: OfferedValue | undefined; readonly email?: OfferedValue | undefined };

/**
 * Whether a connection may speak for a person by its linking rule: the address that the rule goes by lies inside the domains that the
 * connection owns, and the source does not say that it is unverified. Who has no address is linked by hand.
 * @param ownedDomains as `ownedDomains` answers them
 */
export function mayLink(
  { linking }: Pick<ConnectionSettings, 'linking'>,
  { offered, addressDenied }: Pick<MappedIdentity, 'offered' | 'addressDenied'>,
  ownedDomains: readonly string[],
): boolean {
  const said = { userName: offered.get('userName'), email: offered.get('email') };
  return linking !== 'none' && !addressDenied && owns(ownedDomains, addressOf(linking, said));
}

/** What linking looks at in an account. */
interface Linkable {
  readonly profile: Profile | null;
  readonly emailVerified: boolean;
  readonly attributeSources: ReadonlyMap<string, string>;
  readonly links: readonly Link[];
  /** Links that somebody has undone. */
  readonly separated: readonly Link[];
}

interface Link {
  readonly connection: string;
  readonly subject: string;
}

/**
 * Whether the account that a linking rule found really is the one that the person names, and the connection's to link. A name or id alone
 * shows that only where an administrator or this very connection wrote it down: another connection may have let somebody choose the name of
 * a person who was still to come, and wait in the account for them. Else both sides must have the same address verified.
 */
export function linkHolds(
  { id, ownedDomains }: { readonly id: string; readonly ownedDomains: readonly string[] },
  by: LinkingRule,
  { identity, account }: { identity: MappedIdentity; account: Linkable },
): boolean {
  const { profile } = account;
  const said = (attribute: string) => identity.offered.get(attribute);
  const theirs = { userName: said('userName'), email: said('email') };
  if (profile === null || identity.addressDenied) return false;
  if (account.links.some(({ connection }) => connection === id)) return false;
  if (account.separated.some(({ connection, subject }) => connection === id && subject === identity.subject))
    return false;
  if (!owns(ownedDomains, addressOf(by, theirs)) || !owns(ownedDomains, addressOf(by, profile))) return false;
  const sameAddress = account.emailVerified && identity.emailVerified && sameName(profile.email, said('email'));
  if (by === 'verifiedEmail') return sameAddress;
  const author = account.attributeSources.get(by);
  if (author !== 'manual' && author !== id && !sameAddress) return false;
  return by === 'externalId'
    ? isText(profile.externalId) && profile.externalId === said('externalId')
    : sameName(profile.userName, said('userName'));
}

/** The address that shows to which domain somebody belongs: the one that the rule compares, else the e-mail, else a user name that is one. */
function addressOf(by: LinkingRule, { userName, email }: Named): string | null {
  const candidates = by === 'verifiedEmail' ? [email] : by === 'userName' ? [userName, email] : [email, userName];
  return candidates.filter(isText).find((text) => text.includes('@')) ?? null;
}

const owns = (domains: readonly string[], address: string | null): boolean =>
  address !== null && domains.includes(domainOf(address));

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const sameName = (one: unknown, other: unknown): boolean =>
  isText(one) && isText(other) && caseless(one) === caseless(other);

const caseless = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC');
