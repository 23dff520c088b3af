import type { ConnectionEvent, ConnectionSettings, MetadataFacts } from '#libs/contracts';
import type { ManagedBy } from './connection.commands.js';

/** A connection as a fold of its stream. */
export interface ConnectionState {
  readonly id: string;
  readonly status: 'absent' | 'present' | 'removed';
  /** Rises by one with every change of settings, by an administrator or by metadata; 1 at first. */
  readonly version: number;
  readonly enabled: boolean;
  /** In force: as written, with what metadata says laid over `saml` where the settings name an address of metadata. */
  readonly settings: ConnectionSettings | null;
  /** As an administrator wrote them; what new ones are compared with. */
  readonly written: ConnectionSettings | null;
  readonly managedBy: ManagedBy;
  /** Highest version that each rule id ever had: a rule that comes back is a new version. */
  readonly ruleVersions: ReadonlyMap<string, number>;
  /** Domains of the settings that a record in the DNS shows to be the connection's, lower-cased. */
  readonly provenDomains: ReadonlySet<string>;
  /** What the metadata at the address of the settings said last; null before it was read. */
  readonly metadata: MetadataFacts | null;
  /** Why the metadata cannot be read or believed at present; null when it can. */
  readonly metadataRefusal: { readonly code: string; readonly detail: string } | null;
  /** SHA-256 of a certificate → the last warning about its end, in days before it. */
  readonly noticedCertificates: ReadonlyMap<string, number>;
  /** Id of the event behind the settings in force, for the chain of evidence. */
  readonly lastChange: string | null;
}

/** A connection that was never registered. */
export const NO_CONNECTION: ConnectionState = {
  id: '',
  status: 'absent',
  version: 0,
  enabled: false,
  settings: null,
  written: null,
  managedBy: 'api',
  ruleVersions: new Map(),
  provenDomains: new Set(),
  metadata: null,
  metadataRefusal: null,
  noticedCertificates: new Map(),
  lastChange: null,
};

type Recorded = ConnectionEvent & { readonly id: string };

/** Folds one fact into a connection. Exhaustive: a fact that it does not know is an error, never skipped. */
export function evolveConnection(state: ConnectionState, event: Recorded): ConnectionState {
  switch (event.type) {
    case 'ConnectionRegistered': {
      const { connection, enabled } = event.data;
      return { ...withSettings(state, event.data, event.id), id: connection, status: 'present', enabled };
    }
    case 'ConnectionChanged':
      return withSettings(state, event.data, event.id);
    case 'ConnectionEnabled':
      return { ...state, enabled: true };
    case 'ConnectionDisabled':
      return { ...state, enabled: false };
    case 'ConnectionRemoved':
      return { ...state, enabled: false, status: 'removed' };
    case 'ConnectionMetadataRefreshed': {
      const { facts } = event.data;
      const settings = state.written && inForce(state.written, facts);
      const version = state.version + 1;
      return { ...state, version, settings, metadata: facts, metadataRefusal: null, lastChange: event.id };
    }
    case 'ConnectionMetadataRefused':
      return { ...state, metadataRefusal: { code: event.data.code, detail: event.data.detail } };
    case 'CertificateExpiryNoticed': {
      const { certificateSha256, daysBefore } = event.data;
      return { ...state, noticedCertificates: new Map(state.noticedCertificates).set(certificateSha256, daysBefore) };
    }
    case 'DomainProved':
      return { ...state, provenDomains: new Set(state.provenDomains).add(event.data.domain.toLowerCase()) };
    case 'DomainProofLapsed':
      return { ...state, provenDomains: without(state.provenDomains, event.data.domain.toLowerCase()) };
    default:
      throw new TypeError(`A connection cannot fold ${(event as { type: string }).type}.`);
  }
}

/** What an administrator wrote is in force at once; facts of metadata that was read elsewhere, and proofs of domains that are gone, are not. */
function withSettings(
  state: ConnectionState,
  { settings: written, managedBy }: { readonly settings: ConnectionSettings; readonly managedBy: ManagedBy },
  lastChange: string,
): ConnectionState {
  const ruleVersions = new Map(state.ruleVersions);
  for (const { id, version } of written.rules) ruleVersions.set(id, version);
  const sameSource = metadataUrl(written) !== null && metadataUrl(written) === metadataUrl(state.written);
  const metadata = sameSource ? state.metadata : null;
  const named = new Set(written.domains.map((domain) => domain.toLowerCase()));
  return {
    ...state,
    version: state.version + 1,
    settings: inForce(written, metadata),
    written,
    managedBy,
    ruleVersions,
    provenDomains: new Set([...state.provenDomains].filter((domain) => named.has(domain))),
    metadata,
    metadataRefusal: sameSource ? state.metadataRefusal : null,
    lastChange,
  };
}

/** Where the settings say that metadata is read; null when they say everything themselves. */
export const metadataUrl = (settings: ConnectionSettings | null): string | null =>
  settings?.saml?.metadata?.url ?? null;

/** Settings with what metadata says laid over them. */
function inForce(written: ConnectionSettings, metadata: MetadataFacts | null): ConnectionSettings {
  if (metadata === null || written.saml?.metadata == null) return written;
  const { validUntil: _notASetting, ...facts } = metadata;
  return { ...written, saml: { ...written.saml, ...facts } };
}

function without(all: ReadonlySet<string>, one: string): Set<string> {
  const others = new Set(all);
  others.delete(one);
  return others;
}
