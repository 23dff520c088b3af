import type { Expression } from '#libs/contracts';
import type { ConnectionAsWritten } from '#libs/domain';
import type { ConnectionConfiguration } from './configuration.schema.js';

/** A connection's part of a configuration as the settings that are recorded. Its metadata file has been read, its secrets are fingerprints. */
export function connectionAsWritten({
  id: _id,
  enabled: _enabled,
  saml,
  attributes,
  ...connection
}: ConnectionConfiguration): ConnectionAsWritten {
  return {
    ...connection,
    saml: saml && withoutFile(saml),
    jit: { ...connection.jit, allowedDomains: connection.jit.allowedDomains ?? connection.domains },
    attributes: Object.fromEntries(
      Object.entries(attributes).filter((entry): entry is [string, Expression] => entry[1] !== null),
    ),
  };
}

function withoutFile({ metadataFile: _read, ...saml }: NonNullable<ConnectionConfiguration['saml']>) {
  return saml;
}
