import { createHash, X509Certificate } from 'node:crypto';
import type { IdentityProviderMetadata, PerBinding } from './identity-provider-metadata.js';

/** One fact that differs between two readings of the same metadata. Certificates are told by the SHA-256 (hex) of their DER form. */
export interface MetadataChange {
  readonly fact:
    | 'entityId'
    | 'ssoUrls.redirect'
    | 'ssoUrls.post'
    | 'sloUrls.redirect'
    | 'sloUrls.post'
    | 'wantAuthnRequestsSigned'
    | 'nameIdFormats'
    | 'signingCertificates'
    | 'encryptionCertificates';
  readonly change: 'added' | 'removed' | 'changed';
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * Lists what changed, in a fixed order; empty when everything that is used is the same. Order of certificates and formats does not count,
 * nor do `validUntil` and `cacheDuration`, which change at every publication.
 */
export function diffMetadata(before: IdentityProviderMetadata, after: IdentityProviderMetadata): MetadataChange[] {
  return [
    ...single('entityId', before.entityId, after.entityId),
    ...single('ssoUrls.redirect', before.ssoUrls.redirect, after.ssoUrls.redirect),
    ...single('ssoUrls.post', before.ssoUrls.post, after.ssoUrls.post),
    ...single('sloUrls.redirect', logout(before, 'redirect'), logout(after, 'redirect')),
    ...single('sloUrls.post', logout(before, 'post'), logout(after, 'post')),
    ...single('wantAuthnRequestsSigned', String(before.wantAuthnRequestsSigned), String(after.wantAuthnRequestsSigned)),
    ...set('nameIdFormats', before.nameIdFormats, after.nameIdFormats),
    ...set(
      'signingCertificates',
      before.signingCertificates.map(fingerprint),
      after.signingCertificates.map(fingerprint),
    ),
    ...set(
      'encryptionCertificates',
      before.encryptionCertificates.map(fingerprint),
      after.encryptionCertificates.map(fingerprint),
    ),
  ];
}

const fingerprint = (pem: string) => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');

/** Both addresses of a logout, as one fact. */
function logout({ sloUrls }: IdentityProviderMetadata, binding: keyof PerBinding<unknown>): string | null {
  const endpoint = sloUrls[binding];
  if (!endpoint) return null;
  return endpoint.responseUrl === null ? endpoint.url : `${endpoint.url} (answers: ${endpoint.responseUrl})`;
}

function single(fact: MetadataChange['fact'], before: string | null, after: string | null): MetadataChange[] {
  if (before === after) return [];
  const change = before === null ? 'added' : after === null ? 'removed' : 'changed';
  return [{ fact, change, before, after }];
}

function set(fact: MetadataChange['fact'], before: readonly string[], after: readonly string[]): MetadataChange[] {
  const removed = before.filter((value) => !after.includes(value));
  const added = after.filter((value) => !before.includes(value));
  return [
    ...removed.map((value): MetadataChange => ({ fact, change: 'removed', before: value, after: null })),
    ...added.map((value): MetadataChange => ({ fact, change: 'added', before: null, after: value })),
  ];
}
