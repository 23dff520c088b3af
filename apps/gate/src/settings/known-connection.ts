import type { InTenant } from '#libs/catalog';
import type { ConnectionSettings } from '#libs/contracts';
import type { ConnectionState } from '#libs/domain';

/** A connection that was configured, with its settings as they stand. */
export type KnownConnection = InTenant<ConnectionState> & { readonly settings: ConnectionSettings };

/** A connection with its settings; null when there is none, or none any more. */
export function known(connection: InTenant<ConnectionState> | undefined): KnownConnection | null {
  if (!connection || connection.settings === null || connection.status !== 'present') return null;
  return { ...connection, settings: connection.settings };
}
