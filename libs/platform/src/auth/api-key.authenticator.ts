import type { Clock } from '#libs/kernel';
import type { PlatformRequest } from '../http/platform-request.js';
import { API_KEY_PREFIX, type ApiKeyDirectory, type ApiKeyRecord, readApiKey } from './api-key.js';
import { InvalidKeyError, KeyExpiredError, KeyRevokedError } from './auth.errors.js';
import type { Authenticator } from './authenticator.port.js';
import { bearerTokenOf, equalInConstantTime, sha256Hex } from './bearer-token.js';
import type { Caller } from './caller.js';

/** Stands in for the hash of a key that does not exist, so that an unknown key takes as long as a wrong secret. */
const NO_SUCH_HASH = sha256Hex('');

/** Knows callers by API key: `Authorization: Bearer gbk_<key id>_<secret>`. */
export class ApiKeyAuthenticator implements Authenticator {
  constructor(
    private readonly directory: ApiKeyDirectory,
    private readonly clock: Clock,
  ) {}

  async authenticate(request: PlatformRequest): Promise<Caller | null> {
    const token = bearerTokenOf(request);
    if (!token?.startsWith(API_KEY_PREFIX)) return null;
    const parts = readApiKey(token);
    if (!parts) throw new InvalidKeyError();
    const key = await this.directory.find(parts.keyId);
    const secretIsRight = equalInConstantTime(sha256Hex(parts.secret), key?.secretHash ?? NO_SUCH_HASH);
    if (!key || !secretIsRight) throw new InvalidKeyError();
    return callerOf(key, this.clock.now());
  }
}

function callerOf(key: ApiKeyRecord, now: Date): Caller {
  if (key.revokedAt !== null) throw new KeyRevokedError();
  // A date that cannot be read compares as false and so counts as past.
  if (!(Date.parse(key.expiresAt) > now.getTime())) throw new KeyExpiredError();
  return { actor: { kind: 'key', id: key.id }, tenant: key.tenant, scopes: new Set(key.scopes), via: 'key' };
}
