import { type DomainChallenge, domainChallenge } from '#libs/federation';
import type { Keyring } from '#libs/vault';

/**
 * The record that shows a domain to belong to a tenant. It follows from the keyring, so every process asks for the same one and nothing is stored.
 * @throws {DomainNameError} when the domain is none
 */
export function domainChallengeOf(
  keyring: Pick<Keyring, 'lookupHmac'>,
  tenant: string,
  domain: string,
): DomainChallenge {
  return domainChallenge(tenant, domain, Buffer.from(keyring.lookupHmac('domain-challenge'), 'hex'));
}
