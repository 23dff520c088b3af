import type { Catalog } from '#libs/catalog';
import type { WritePath } from '#libs/event-store';
import type { Sessions } from '#libs/identity';
import { CATALOG, ENVIRONMENT, SESSIONS, WRITE_PATH } from '../engine/tokens.js';
import type { Environment } from '../environment/environment.js';
import type { AuthenticatorsFactory } from '../platform.module.js';
import { AdminKeyAuthenticator } from './admin-key.authenticator.js';
import { ApiKeyAuthenticator } from './api-key.authenticator.js';
import { CatalogApiKeys } from './catalog-api-keys.js';
import { SessionAuthenticator } from './session.authenticator.js';

/** Every way to be known to a server that has an engine: the administrator's key, API keys, people's sessions. */
export const allAuthenticators: AuthenticatorsFactory = {
  inject: [ENVIRONMENT, CATALOG, WRITE_PATH, SESSIONS],
  useFactory: ({ adminKey }: Environment, catalog: Catalog, path: WritePath, sessions: Sessions) => [
    new AdminKeyAuthenticator(adminKey),
    new ApiKeyAuthenticator(new CatalogApiKeys(catalog), path.clock),
    new SessionAuthenticator({ sessions, catalog, path }),
  ],
};
