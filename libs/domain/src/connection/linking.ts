import type { ConnectionSettings, Profile } from '#libs/contracts';
import { domainOf, type MappedIdentity, type OfferedValue } from './identity-mapping.js';

type LinkingRule = Exclude<ConnectionSettings['linking'], 'none'>;
type Named = { readonly userName?: OfferedValue | undefined; readonly email?: OfferedValue | undefined };

/**
 * Whether a connection may speak for a person by its linking rule: the address that the rule goes by lies inside the domains that the
 * connection owns. Who has no address is linked by hand.
 */
export function mayLink({ linking, domains }: ConnectionSettings, { offered }: MappedIdentity): boolean {
  const said = { userName: offered.get('userName'), email: offered.get('email') };
  return linking !== 'none' && owns(domains, addressOf(linking, said));
}

/** Whether the account that a linking rule found really is the one that the person names, and the connection's to link. */
export function linkHolds(
  { domains }: Pick<ConnectionSettings, 'domains'>,
  by: LinkingRule,
  { identity, account }: { identity: MappedIdentity; account: { profile: Profile | null; emailVerified: boolean } },
): boolean {
  const { profile } = account;
  const said = (attribute: string) => identity.offered.get(attribute);
  const theirs = { userName: said('userName'), email: said('email') };
  if (profile === null || !owns(domains, addressOf(by, theirs)) || !owns(domains, addressOf(by, profile))) return false;
  if (by === 'externalId') return isText(profile.externalId) && profile.externalId === said('externalId');
  if (by === 'userName') return sameName(profile.userName, said('userName'));
  return account.emailVerified && identity.emailVerified && sameName(profile.email, said('email'));
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
