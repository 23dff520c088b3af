import { SCOPES } from '#libs/contracts';
import type { PlatformRequest } from '../http/platform-request.js';
import type { Authenticator } from './authenticator.port.js';
import { bearerTokenOf, equalInConstantTime } from './bearer-token.js';
import type { Caller } from './caller.js';

const ADMINISTRATOR: Caller = {
  actor: { kind: 'key', id: 'admin-key' },
  tenant: null,
  scopes: new Set(SCOPES),
  via: 'key',
};

/** Knows the one key that the environment gives (`GATEBOOK_ADMIN_KEY`): a key of the installation with every scope. */
export class AdminKeyAuthenticator implements Authenticator {
  constructor(private readonly adminKey: string | null) {}

  async authenticate(request: PlatformRequest): Promise<Caller | null> {
    const token = bearerTokenOf(request);
    if (this.adminKey === null || token === null) return null;
    return equalInConstantTime(token, this.adminKey) ? ADMINISTRATOR : null;
  }
}
