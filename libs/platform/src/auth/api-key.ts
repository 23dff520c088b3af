import { randomBytes } from 'node:crypto';
import type { Scope } from '#libs/contracts';
import { sha256Hex } from './bearer-token.js';

/** What is known about an API key; never its secret. */
export interface ApiKeyRecord {
  /** Uuid. */
  readonly id: string;
  /** `null` for a key of the installation. */
  readonly tenant: string | null;
  readonly scopes: readonly Scope[];
  /** ISO-8601 UTC; the key works until then. */
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  /** SHA-256 of the secret, in hex. */
  readonly secretHash: string;
}

/** Finds API keys. Reads what the store has now, not a read model: a revoked key stops at once. */
export interface ApiKeyDirectory {
  find(keyId: string): Promise<ApiKeyRecord | null>;
}

/** Where the directory is injected. */
export const API_KEY_DIRECTORY = Symbol('API_KEY_DIRECTORY');

/** Random bytes in a secret. */
const SECRET_BYTES = 32;

/** What every API key begins with, so that scanners of leaked secrets can find it. */
export const API_KEY_PREFIX = 'gbk_';

const TOKEN = /^gbk_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})$/;

/**
 * Makes the secret of an API key.
 * @returns `token` to show once, and `secretHash` to keep
 */
export function newApiKey(keyId: string): { token: string; secretHash: string } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { token: `${API_KEY_PREFIX}${keyId}_${secret}`, secretHash: sha256Hex(secret) };
}

/** Takes a token apart; `null` when it has not the form of an API key. */
export function readApiKey(token: string): { keyId: string; secret: string } | null {
  const [, keyId, secret] = TOKEN.exec(token) ?? [];
  return keyId && secret ? { keyId, secret } : null;
}
