import { z } from 'zod';
import { connectionSettings, withProtocols } from '../connection-settings.js';
import { event, type PersonalField, type Upcaster } from '../event-entry.js';
import { instant, name, reason, sha256 } from '../vocabulary.js';

/** Whatever a person writes may be about a person. */
const REASON: PersonalField = { path: 'reason', subject: 'stream' };

/** Settings were recorded before there were other protocols than SAML: lifts the event that holds them. */
const liftSettings: Upcaster = (data) => {
  const { settings, ...rest } = data as { readonly settings: Readonly<Record<string, unknown>> };
  return { ...rest, settings: withProtocols(settings) };
};

const managedBy = z.enum(['config', 'api']);

export const connectionRegistered = event(
  'connection',
  'ConnectionRegistered',
  'a source of identities is made known',
  z.strictObject({
    connection: name,
    settings: connectionSettings,
    enabled: z.boolean(),
    managedBy,
    reason: reason.nullable(),
  }),
  [REASON],
  [liftSettings],
);

export const connectionChanged = event(
  'connection',
  'ConnectionChanged',
  'settings of a connection change; its version rises by one',
  z.strictObject({
    connection: name,
    settings: connectionSettings,
    changed: z.array(z.string().max(80)).max(50),
    managedBy,
    reason: reason.nullable(),
  }),
  [REASON],
  [liftSettings],
);

export const connectionEnabled = event(
  'connection',
  'ConnectionEnabled',
  'a connection begins to admit people',
  z.strictObject({ connection: name, reason: reason.nullable() }),
  [REASON],
);

export const connectionDisabled = event(
  'connection',
  'ConnectionDisabled',
  'a connection stops to admit people; its sessions end and its grants stay',
  z.strictObject({ connection: name, reason: reason.nullable() }),
  [REASON],
);

export const connectionRemoved = event(
  'connection',
  'ConnectionRemoved',
  'a connection is gone for good; its grants are revoked',
  z.strictObject({ connection: name, reason: reason.nullable() }),
  [REASON],
);

/** What a document of metadata says about an identity provider. */
const metadataFacts = z.strictObject({
  idpEntityId: z.string().min(1).max(1024),
  ssoUrl: z.url().max(2048),
  requestBinding: z.enum(['redirect', 'post']),
  sloUrl: z.url().max(2048).nullable(),
  sloBinding: z.enum(['redirect', 'post']),
  certificates: z.array(z.string().max(16_384)).min(1).max(6),
  validUntil: instant.nullable(),
});

export const connectionMetadataRefreshed = event(
  'connection',
  'ConnectionMetadataRefreshed',
  'the metadata of an identity provider says something new; the version of the connection rises by one',
  z.strictObject({
    connection: name,
    url: z.url().max(2048),
    /** SHA-256 of the document. */
    documentSha256: sha256,
    facts: metadataFacts,
    /** Names of the facts that changed. */
    changed: z.array(z.string().max(80)).min(1).max(20),
  }),
);

export const connectionMetadataRefused = event(
  'connection',
  'ConnectionMetadataRefused',
  'the metadata of an identity provider cannot be read or believed; what was read before stays in force',
  z.strictObject({ connection: name, url: z.url().max(2048), code: z.string().max(64), detail: z.string().max(500) }),
);

export const certificateExpiryNoticed = event(
  'connection',
  'CertificateExpiryNoticed',
  'a certificate of a connection is about to expire, or has expired',
  z.strictObject({
    connection: name,
    certificateSha256: sha256,
    notAfter: instant,
    /** Which warning this is: days before the end; 0 at the end. */
    daysBefore: z.int().nonnegative(),
  }),
);

export const domainProved = event(
  'connection',
  'DomainProved',
  'a record in the DNS shows that a domain belongs to whoever set up the connection',
  z.strictObject({ connection: name, domain: z.string().max(253), recordName: z.string().max(300) }),
);

export const domainProofLapsed = event(
  'connection',
  'DomainProofLapsed',
  'the record that showed a domain to belong to the connection is gone; the connection no longer vouches for it',
  z.strictObject({ connection: name, domain: z.string().max(253) }),
);

/** The shapes above as types. */
export type MetadataFacts = z.infer<typeof metadataFacts>;
