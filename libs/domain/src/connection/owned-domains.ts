import type { ConnectionState } from './connection.state.js';

/**
 * The domains that a connection may vouch for, lower-cased: those of its settings, where the operator says whose they are; else only those
 * of them that a record in the DNS shows to be the connection's. Addresses count as verified, and people are linked, inside these only.
 */
export function ownedDomains({
  settings,
  provenDomains,
}: Pick<ConnectionState, 'settings' | 'provenDomains'>): readonly string[] {
  if (settings === null) return [];
  const domains = settings.domains.map((domain) => domain.toLowerCase());
  return settings.domainOwnership === 'operator' ? domains : domains.filter((domain) => provenDomains.has(domain));
}
