import type { ConnectionSettings } from '#libs/contracts';
import { SignInRefusedError } from '../sign-in/sign-in-refused.error.js';
import { domainOf, type MappedIdentity } from './identity-mapping.js';

/**
 * Checks what a connection asks of everybody: required attributes and, where domains are named, an e-mail address inside them.
 * @throws {SignInRefusedError} `missing-attribute` or `foreign-domain`
 */
export function admit(settings: ConnectionSettings, identity: MappedIdentity): void {
  const { required, allowedDomains } = settings.jit;
  if (required.some((attribute) => isEmpty(identity.offered.get(attribute))))
    throw new SignInRefusedError('missing-attribute');
  if (allowedDomains.length === 0) return;
  const email = identity.offered.get('email');
  if (typeof email !== 'string' || !allowedDomains.includes(domainOf(email)))
    throw new SignInRefusedError('foreign-domain');
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
