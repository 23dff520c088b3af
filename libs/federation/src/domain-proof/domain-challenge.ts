import { createHmac } from 'node:crypto';
import { challengeNameOf, domainName } from './domain-name.js';

/** The record that whoever owns a domain puts into its zone. */
export interface DomainChallenge {
  /** The domain in its one form: lower case, A-labels. */
  readonly domain: string;
  /** Name of the TXT record. */
  readonly recordName: string;
  /** Its whole text. */
  readonly recordValue: string;
}

/** Secret that the challenges are derived from, bytes at least. */
const KEY_BYTES_MIN = 32;

/**
 * Says which record proves that a tenant owns a domain. Derived, so nothing need be stored: the same tenant, domain and key give the same
 * record. Another tenant needs another one, so a record that stands for one tenant proves nothing for the next.
 * @param key the server's own secret, at least 32 bytes
 * @throws {DomainNameError} when the domain is none
 */
export function domainChallenge(tenant: string, domain: string, key: Buffer): DomainChallenge {
  if (key.length < KEY_BYTES_MIN) throw new TypeError(`The key of domain challenges needs ${KEY_BYTES_MIN} bytes.`);
  const name = domainName(domain);
  // JSON keeps tenant and domain apart, whatever they hold.
  const proof = createHmac('sha256', key)
    .update(JSON.stringify(['domain-challenge', tenant, name]))
    .digest('hex');
  return { domain: name, recordName: challengeNameOf(name), recordValue: `gatebook-domain-verification=${proof}` };
}
