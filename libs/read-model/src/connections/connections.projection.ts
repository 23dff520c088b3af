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

/** Connections as they stood at every position, and which event made them so. */
export const connections = projection('connections', 1, {
  sight: 'facts',
  tables: [connectionsTable],
  categories: ['connection'],
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
      changeConnection({ ...event, data }, ({ version }) => ({
        version: version + 1,
        settings: data.settings,
        managed_by: data.managedBy,
        settings_event: id,
      })),
    ConnectionEnabled: (event) => changeConnection(event, () => ({ enabled: true })),
    ConnectionDisabled: (event) => changeConnection(event, () => ({ enabled: false })),
    ConnectionRemoved: (event) => changeConnection(event, () => ({ enabled: false, removed: true })),
  },
});
