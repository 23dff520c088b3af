import type { ConnectionSettings, MappingRule, MetadataFacts } from '#libs/contracts';
import type { Command } from '#libs/kernel';

/** A rule as an administrator writes it; the decider gives it its version. */
export type RuleAsWritten = Omit<MappingRule, 'version'>;

/** Settings as an administrator writes them. */
export type ConnectionAsWritten = Omit<ConnectionSettings, 'rules'> & { readonly rules: readonly RuleAsWritten[] };

/** Who looks after a connection: the configuration file, or administrators through the API. */
export type ManagedBy = 'config' | 'api';

/** Makes a connection known, or changes it to the settings given. */
export type ConfigureConnection = Command<
  'ConfigureConnection',
  {
    readonly connection: string;
    readonly settings: ConnectionAsWritten;
    readonly enabled: boolean;
    readonly managedBy: ManagedBy;
    readonly detach?: boolean;
    readonly reason: string | null;
  }
>;
/** Begins or stops to admit people. */
export type SwitchConnection = Command<
  'SwitchConnection',
  { readonly enabled: boolean; readonly managedBy: ManagedBy; readonly reason: string | null }
>;
/** Removes a connection for good. */
export type RemoveConnection = Command<
  'RemoveConnection',
  { readonly managedBy: ManagedBy; readonly reason: string | null }
>;

/** The metadata of the identity provider was read and believed. Nothing is recorded when it says nothing new. */
export type RefreshMetadata = Command<
  'RefreshMetadata',
  {
    /** Where it was read; a refresh of an address that the settings no longer name changes nothing. */
    readonly url: string;
    /** SHA-256 of the document, hex. */
    readonly documentSha256: string;
    readonly facts: MetadataFacts;
  }
>;

/** The metadata could not be read or believed. Recorded when it begins and when the reason changes, not every time. */
export type RefuseMetadata = Command<
  'RefuseMetadata',
  { readonly url: string; readonly code: string; readonly detail: string }
>;

/** A certificate of the connection was looked at. A warning is recorded 30, 14, 7, 1 and 0 days before its end, once each. */
export type NoticeCertificateExpiry = Command<
  'NoticeCertificateExpiry',
  {
    /** SHA-256 of the certificate, hex. */
    readonly certificateSha256: string;
    /** ISO-8601 UTC with milliseconds. */
    readonly notAfter: string;
  }
>;

/** A record in the DNS was found that shows a domain to be the connection's. */
export type ProveDomain = Command<'ProveDomain', { readonly domain: string; readonly recordName: string }>;

/** The record that showed a domain to be the connection's is gone. */
export type LapseDomainProof = Command<'LapseDomainProof', { readonly domain: string }>;

/** Everything that can be asked of a connection. */
export type ConnectionCommand =
  | ConfigureConnection
  | SwitchConnection
  | RemoveConnection
  | RefreshMetadata
  | RefuseMetadata
  | NoticeCertificateExpiry
  | ProveDomain
  | LapseDomainProof;
