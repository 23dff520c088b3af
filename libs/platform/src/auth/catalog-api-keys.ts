import type { Catalog } from '#libs/catalog';
import { INSTALLATION_TENANT } from '#libs/kernel';
import type { ApiKeyDirectory, ApiKeyRecord } from './api-key.js';

/** Finds API keys in the catalogue, so that a key that was revoked a moment ago, on any server, is revoked. */
export class CatalogApiKeys implements ApiKeyDirectory {
  constructor(private readonly catalog: Catalog) {}

  async find(keyId: string): Promise<ApiKeyRecord | null> {
    const key = (await this.catalog.current()).apiKey(keyId);
    if (!key) return null;
    const { id, scopes, expiresAt, secretSha256 } = key;
    const tenant = key.tenant === INSTALLATION_TENANT ? null : key.tenant;
    return {
      id,
      tenant,
      scopes,
      expiresAt,
      revokedAt: key.status === 'revoked' ? key.createdAt : null,
      secretHash: secretSha256,
    };
  }
}
