import { createHash } from 'node:crypto';
import { generateServiceProviderMetadata } from '@node-saml/node-saml';
import type { SamlSettings } from './saml-settings.js';

/**
 * Describes this service provider to an identity provider's administrator: entity id, address for answers (HTTP-POST), wish for signed
 * assertions. The same settings give the same text, so that a metadata refresh sees changes only when there are any.
 * @see SAML Metadata 2.4.4
 */
export function createSpMetadata({
  spEntityId,
  acsUrl,
  requireSigned,
}: Pick<SamlSettings, 'spEntityId' | 'acsUrl' | 'requireSigned'>): string {
  const id = createHash('sha256').update(spEntityId).digest('hex').slice(0, 32);
  return generateServiceProviderMetadata({
    issuer: spEntityId,
    callbackUrl: acsUrl,
    identifierFormat: null,
    wantAssertionsSigned: requireSigned !== 'response',
    generateUniqueId: () => `_${id}`,
  });
}
