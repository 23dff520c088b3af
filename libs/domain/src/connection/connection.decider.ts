import type { ConnectionEvent, MappingRule, MetadataFacts } from '#libs/contracts';
import { type Decider, instantAfter, type RecordedEvent } from '#libs/kernel';
import { changedPaths, sameJson } from '../changed-paths.js';
import type {
  ConfigureConnection,
  ConnectionCommand,
  NoticeCertificateExpiry,
  RefreshMetadata,
  RefuseMetadata,
  RuleAsWritten,
} from './connection.commands.js';
import {
  ConnectionNotFoundError,
  ConnectionRemovedError,
  ConnectionSourceFixedError,
  DomainNotNamedError,
  ManagedByConfigError,
  MetadataEntityChangedError,
} from './connection.errors.js';
import { type ConnectionState, evolveConnection, metadataUrl, NO_CONNECTION } from './connection.state.js';
import { changedSource } from './connection-source.js';

const DAY_MS = 86_400_000;

/** How long before a certificate's end warnings are recorded, in days, the last one first. */
const WARNINGS = [0, 1, 7, 14, 30] as const;

/** A connection is versioned and every change of it is a fact; each rule carries a version of its own. */
export const connectionDecider: Decider<ConnectionCommand, ConnectionState, ConnectionEvent> = {
  initialState: NO_CONNECTION,
  decide,
  evolve: (state, event) => evolveConnection(state, event as RecordedEvent & ConnectionEvent),
};

function decide(command: ConnectionCommand, state: ConnectionState): readonly ConnectionEvent[] {
  if (command.type === 'ConfigureConnection') return configure(command.data, state);
  if (state.status !== 'present') throw new ConnectionNotFoundError();
  switch (command.type) {
    case 'SwitchConnection':
      requireOwn(state, command.data.managedBy);
      return switchTo(command.data.enabled, state.id, state.enabled, command.data.reason);
    case 'RemoveConnection':
      requireOwn(state, command.data.managedBy);
      return [{ type: 'ConnectionRemoved', data: { connection: state.id, reason: command.data.reason } }];
    case 'RefreshMetadata':
      return refreshMetadata(command, state);
    case 'RefuseMetadata':
      return refuse(command.data, state);
    case 'NoticeCertificateExpiry':
      return noticeExpiry(command, state);
    case 'ProveDomain':
      return proveDomain(command.data, state);
    case 'LapseDomainProof':
      return state.provenDomains.has(command.data.domain.toLowerCase())
        ? [{ type: 'DomainProofLapsed', data: { connection: state.id, domain: command.data.domain.toLowerCase() } }]
        : [];
  }
}

function requireOwn(state: ConnectionState, by: 'config' | 'api'): void {
  if (state.managedBy === 'config' && by === 'api') throw new ManagedByConfigError(`The connection ${state.id}`);
}

function configure(data: ConfigureConnection['data'], state: ConnectionState): ConnectionEvent[] {
  const { connection, enabled, managedBy, reason } = data;
  if (state.status === 'removed') throw new ConnectionRemovedError(connection);
  if (state.status === 'present' && !data.detach) requireOwn(state, managedBy);
  const settings = { ...data.settings, rules: versioned(data.settings.rules, state) };
  if (state.written === null) {
    return [{ type: 'ConnectionRegistered', data: { connection, settings, enabled, managedBy, reason } }];
  }
  const moved = changedSource(state.written, settings);
  if (moved.length > 0) throw new ConnectionSourceFixedError(connection, moved);
  const changed = changedPaths(state.written, settings);
  if (managedBy !== state.managedBy) changed.push('managedBy');
  return [
    ...(changed.length > 0
      ? [{ type: 'ConnectionChanged' as const, data: { connection, settings, changed, managedBy, reason } }]
      : []),
    ...switchTo(enabled, connection, state.enabled, reason),
  ];
}

function switchTo(enabled: boolean, connection: string, now: boolean, reason: string | null): ConnectionEvent[] {
  if (enabled === now) return [];
  return [{ type: enabled ? 'ConnectionEnabled' : 'ConnectionDisabled', data: { connection, reason } }];
}

function versioned(rules: readonly RuleAsWritten[], state: ConnectionState): MappingRule[] {
  return rules.map((rule) => {
    const before = state.written?.rules.find(({ id }) => id === rule.id);
    const highest = state.ruleVersions.get(rule.id) ?? 0;
    const same = before !== undefined && sameJson({ ...rule, version: before.version }, before);
    return { ...rule, version: same ? before.version : highest + 1 };
  });
}

function refreshMetadata({ data, metadata }: RefreshMetadata, state: ConnectionState): ConnectionEvent[] {
  const { url, documentSha256, facts } = data;
  if (url !== metadataUrl(state.written)) return [];
  if (isAnother(facts, state)) {
    const { code, message: detail } = new MetadataEntityChangedError();
    return refuse({ url, code, detail }, state);
  }
  const changed = newsIn(facts, state.metadata, metadata.now);
  // that the metadata can be read again is news too, and the only kind that changes no fact
  if (changed.length === 0 && state.metadataRefusal !== null) changed.push('refusal');
  if (changed.length === 0) return [];
  return [{ type: 'ConnectionMetadataRefreshed', data: { connection: state.id, url, documentSha256, facts, changed } }];
}

/** Whether the facts are about a provider that is neither the one on record nor the one that an administrator has named. */
function isAnother({ idpEntityId }: MetadataFacts, { metadata, written }: ConnectionState): boolean {
  return metadata !== null && idpEntityId !== metadata.idpEntityId && idpEntityId !== written?.saml?.idpEntityId;
}

/**
 * Names of the facts that changed. Many documents are signed anew every hour: a later end of their validity alone is news only when the end
 * on record is less than a day away.
 */
function newsIn(facts: MetadataFacts, known: MetadataFacts | null, now: string): string[] {
  if (known === null) return Object.keys(facts).sort();
  const changed = changedPaths(known, facts);
  if (changed.length !== 1 || changed[0] !== 'validUntil') return changed;
  const due = known.validUntil === null || facts.validUntil === null || known.validUntil < instantAfter(now, DAY_MS);
  return due ? changed : [];
}

function refuse({ url, code, detail }: RefuseMetadata['data'], state: ConnectionState): ConnectionEvent[] {
  if (url !== metadataUrl(state.written) || state.metadataRefusal?.code === code) return [];
  return [{ type: 'ConnectionMetadataRefused', data: { connection: state.id, url, code, detail } }];
}

function noticeExpiry({ data, metadata }: NoticeCertificateExpiry, state: ConnectionState): ConnectionEvent[] {
  const { certificateSha256, notAfter } = data;
  const daysBefore = WARNINGS.find((days) => notAfter <= instantAfter(metadata.now, days * DAY_MS));
  const last = state.noticedCertificates.get(certificateSha256) ?? Number.POSITIVE_INFINITY;
  if (daysBefore === undefined || daysBefore >= last) return [];
  return [
    { type: 'CertificateExpiryNoticed', data: { connection: state.id, certificateSha256, notAfter, daysBefore } },
  ];
}

function proveDomain(
  data: { readonly domain: string; readonly recordName: string },
  state: ConnectionState,
): ConnectionEvent[] {
  const domain = data.domain.toLowerCase();
  if (!state.written?.domains.some((named) => named.toLowerCase() === domain)) throw new DomainNotNamedError(state.id);
  if (state.provenDomains.has(domain)) return [];
  return [{ type: 'DomainProved', data: { connection: state.id, domain, recordName: data.recordName } }];
}
