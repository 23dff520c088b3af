import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { readOrMakeKeyringFile } from './keyring-file.js';
import { type KeyringKeys, newKeyringText, parseKeyring } from './keyring-format.js';
import { lengthPrefixed } from './length-prefixed.js';
import { KEY_BYTES, type SealedBox, seal, unseal } from './sealed-box.js';
import { KeyringUnusableError, UnwrapError } from './vault.errors.js';

/** The installation's root keys. Whoever holds it and the database can read everything; without it the database is noise. */
export interface Keyring {
  /** Names the keyring without telling anything about its keys: 32 hex digits, the same after a key-encryption key is added. */
  readonly fingerprint: string;
  /**
   * HMAC-SHA-256 (64 hex digits) under the look-up key: finds a value again without storing it. Purpose and parts are length-prefixed,
   * so other purposes and other divisions into parts give other results.
   * @throws {TypeError} for a part with a lone surrogate
   */
  lookupHmac(purpose: string, ...parts: readonly string[]): string;
  /** Encrypts a key under the current key-encryption key, bound to `context` (for example `subject/acme/9f…`). */
  wrap(key: Buffer, context: string): string;
  /** Opens what `wrap` made. @throws {UnwrapError} when keyring, context or any bit differs */
  unwrap(wrapped: string, context: string): Buffer;
}

/**
 * Opens the keyring that `GATEBOOK_KEYRING` names: `file:PATH`, made on first use with mode 0600, or `env:NAME`,
 * a variable that holds the same JSON.
 * @throws {KeyringUnusableError} when it is absent, damaged, or readable by others than its owner
 */
export async function openKeyring(spec: string, env: NodeJS.ProcessEnv = process.env): Promise<Keyring> {
  const [, kind, where] = /^(file|env):(.+)$/s.exec(spec) ?? [];
  if (!kind || !where) throw new KeyringUnusableError('', 'GATEBOOK_KEYRING must read file:PATH or env:NAME.');
  const text = kind === 'file' ? await readOrMakeKeyringFile(where, newKeyringText) : env[where];
  if (!text) throw new KeyringUnusableError(spec, 'the environment variable is not set.');
  return keyringOf(parseKeyring(text, spec));
}

/** Makes a keyring that lives as long as the process: for tests and trials. */
export function ephemeralKeyring(): Keyring {
  return keyringOf({ kekId: 'k1', keks: new Map([['k1', randomBytes(KEY_BYTES)]]), lookup: randomBytes(KEY_BYTES) });
}

function keyringOf({ kekId, keks, lookup }: KeyringKeys): Keyring {
  const lookupKey = createSecretKey(lookup);
  const lookupHmac = (purpose: string, ...parts: readonly string[]) =>
    createHmac('sha256', lookupKey)
      .update(lengthPrefixed(purpose, ...parts))
      .digest('hex');
  return {
    fingerprint: lookupHmac('keyring-fingerprint').slice(0, 32),
    lookupHmac,
    wrap(key, context) {
      const { iv, ct, tag } = seal(keks.get(kekId) as Buffer, key, wrapContext(kekId, context));
      return [kekId, iv, ct, tag].join('.');
    },
    unwrap(wrapped, context) {
      const { id, box } = takeApart(wrapped);
      const kek = keks.get(id);
      if (!kek) throw new UnwrapError(`the keyring has no key-encryption key ${id}.`);
      try {
        return unseal(kek, box, wrapContext(id, context));
      } catch {
        throw new UnwrapError('it was changed, or it was wrapped for another place.');
      }
    },
  };
}

const wrapContext = (kekId: string, context: string) => lengthPrefixed('gatebook-wrap', kekId, context);

function takeApart(wrapped: string): { id: string; box: SealedBox } {
  const [id, iv, ct, tag, ...rest] = wrapped.split('.');
  if (!id || !iv || ct === undefined || !tag || rest.length > 0) throw new UnwrapError('it has another form.');
  return { id, box: { iv, ct, tag } };
}
