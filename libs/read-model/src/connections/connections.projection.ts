import type { ConnectionSettings, MetadataFacts, SamlConnection } from '#libs/contracts';
import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type ConnectionRow, connectionsTable } from './connections.table.js';

interface AboutConnection {
  readonly tenant: string;
  readonly data: { readonly connection: string };
}

const changeConnection = (
  { tenant, data }: AboutConnection,
  patchOf: (row: ConnectionRow) => Partial<ConnectionRow>,
) => [patch(connectionsTable, { tenant, connection: data.connection }, patchOf)];

/** Connections as they stood at every position, and which event made them so. Version 2 has the settings of every protocol in every row. */
export const connections = projection('connections', 2, {
  sight: 'facts',
  tables: [connectionsTable],
  categories: ['connection'],
  ignores: ['ConnectionMetadataRefused', 'CertificateExpiryNoticed', 'DomainProved', 'DomainProofLapsed'],
  on: {
    ConnectionRegistered: ({ id, tenant, data }) => [
      put(connectionsTable, {
        tenant,
        connection: data.connection,
        version: 1,
        enabled: data.enabled,
        removed: false,
        settings: data.settings,
        managed_by: data.managedBy,
        settings_event: id,
      }),
    ],
    ConnectionChanged: ({ id, data, ...event }) =>
      changeConnection({ ...event, data }, ({ version, settings }) => ({
        version: version + 1,
        settings: inForce(data.settings, settings),
        managed_by: data.managedBy,
        settings_event: id,
      })),
    ConnectionMetadataRefreshed: ({ id, data, ...event }) =>
      changeConnection({ ...event, data }, ({ version, settings }) => ({
        version: version + 1,
        settings: withFacts(settings, data.facts),
        settings_event: id,
      })),
    ConnectionEnabled: (event) => changeConnection(event, () => ({ enabled: true })),
    ConnectionDisabled: (event) => changeConnection(event, () => ({ enabled: false })),
    ConnectionRemoved: (event) => changeConnection(event, () => ({ enabled: false, removed: true })),
  },
});

/** New settings, with what was read of the metadata before where they name the same address of it. */
function inForce(written: ConnectionSettings, before: ConnectionSettings): ConnectionSettings {
  const url = written.saml?.metadata?.url;
  return url !== undefined && before.saml && url === before.saml.metadata?.url
    ? withFacts(written, before.saml)
    : written;
}

type Facts = Omit<MetadataFacts, 'validUntil' | 'idpEntityId' | 'ssoUrl'> &
  Pick<SamlConnection, 'idpEntityId' | 'ssoUrl'>;

function withFacts(settings: ConnectionSettings, facts: Facts): ConnectionSettings {
  const { idpEntityId, ssoUrl, requestBinding, sloUrl, sloBinding, certificates } = facts;
  const read = { idpEntityId, ssoUrl, requestBinding, sloUrl, sloBinding, certificates };
  return settings.saml ? { ...settings, saml: { ...settings.saml, ...read } } : settings;
}
