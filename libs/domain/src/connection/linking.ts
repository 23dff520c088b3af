import type { ConnectionSettings, Profile } from '#libs/contracts';
import { domainOf, type MappedIdentity, type OfferedValue } from './identity-mapping.js';

type Owner = Pick<ConnectionSettings, 'domains'>;

/**
 * Whether a connection may speak for a person by its linking rule: every address that names them (the e-mail, and a user name that is one)
 * lies inside the domains that the connection owns, and there is at least one. Who has none is linked by hand.
 */
export function mayLink(connection: Owner, identity: MappedIdentity): boolean {
  return owns(connection, [identity.offered.get('email'), identity.offered.get('userName')]);
}

/** Whether the account that a linking rule found really is the one that the person says, and the connection's to link. */
export function linkHolds(
  connection: Owner,
  by: 'externalId' | 'verifiedEmail' | 'userName',
  { identity, account }: { identity: MappedIdentity; account: { profile: Profile | null; emailVerified: boolean } },
): boolean {
  const { profile } = account;
  if (profile === null || !mayLink(connection, identity) || !owns(connection, [profile.email, profile.userName]))
    return false;
  const said = (attribute: string) => identity.offered.get(attribute);
  if (by === 'externalId') return isText(profile.externalId) && profile.externalId === said('externalId');
  if (by === 'userName') return sameName(profile.userName, said('userName'));
  return account.emailVerified && identity.emailVerified && sameName(profile.email, said('email'));
}

function owns({ domains }: Owner, names: readonly (OfferedValue | undefined)[]): boolean {
  const addresses = names.filter(isText).filter((name) => name.includes('@'));
  return addresses.length > 0 && addresses.every((address) => domains.includes(domainOf(address)));
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const sameName = (one: unknown, other: unknown): boolean =>
  isText(one) && isText(other) && caseless(one) === caseless(other);

const caseless = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC');
