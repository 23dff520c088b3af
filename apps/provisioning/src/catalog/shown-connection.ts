import type { InTenant } from '#libs/catalog';
import { serviceProviderOf } from '#libs/configuration';
import { type ConnectionState, ownedDomains } from '#libs/domain';
import { NotFoundError } from '#libs/platform';
import type { ConnectionDto } from './catalog.dto.js';

/** A connection as the API shows it: secrets by their fingerprints alone. @throws {NotFoundError} when it never was one */
export function shownConnection(connection: InTenant<ConnectionState>, publicUrl: string): ConnectionDto {
  const { id, tenant, status, enabled, version, managedBy, settings, metadataRefusal } = connection;
  if (settings === null) throw new NotFoundError('connection');
  const isSaml = settings.saml !== null;
  return {
    id,
    tenant,
    status,
    enabled,
    version,
    managedBy,
    settings,
    serviceProvider: isSaml ? serviceProviderOf(id, settings, publicUrl) : null,
    redirectUri: isSaml || settings.jwt ? null : `${publicUrl}/login/${id}/callback`,
    ownedDomains: ownedDomains(connection),
    metadataRefusal,
  };
}
