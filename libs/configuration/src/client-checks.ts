import type { ClientConfiguration } from './client.schema.js';
import type { Report } from './yaml-text.js';

/** What a client of a tenant may refer to. */
export interface KnownToClients {
  readonly connections: ReadonlySet<string>;
  /** Applications that have roles in the catalogue. */
  readonly applications: ReadonlySet<string>;
}

/** The settings of a client that refer to something, with its secret or what is kept of it. */
export type CheckedClient = Pick<
  ClientConfiguration,
  'tokenEndpointAuthMethod' | 'clientSecret' | 'connections' | 'rolesOf' | 'admitWithoutRole'
>;

/** Checks what one key of a client alone cannot show. */
export function checkClient(client: CheckedClient, known: KnownToClients, report: Report): void {
  const isPublic = client.tokenEndpointAuthMethod === 'none';
  if (isPublic && client.clientSecret !== null)
    report(['clientSecret'], 'must be left out where tokenEndpointAuthMethod is none');
  if (!isPublic && client.clientSecret === null)
    report(['clientSecret'], 'is missing: without a secret tokenEndpointAuthMethod is none');
  client.connections.forEach((connection, at) => {
    if (!known.connections.has(connection))
      report(['connections', at], `${connection} is not a connection of this tenant`);
  });
  if (!client.admitWithoutRole && !known.applications.has(client.rolesOf))
    report(['rolesOf'], `no role of this tenant belongs to ${client.rolesOf}: nobody could come in`);
}
