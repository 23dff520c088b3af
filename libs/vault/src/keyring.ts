import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { readKeyringFile, readOrMakeKeyringFile } from './keyring-file.js';
import { type KeyringKeys, newKeyringText, parseKeyring } from './keyring-format.js';
import { lengthPrefixed } from './length-prefixed.js';
import { KEY_BYTES, type SealedBox, seal, unseal } from './sealed-box.js';
import { KeyringMissingError, KeyringUnusableError, UnwrapError } from './vault.errors.js';

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

/** How a keyring is opened. */
export interface KeyringOptions {
  /** Whether a file that is not there may be made: never for a database that was encrypted under another one. Default true. */
  readonly mayMake?: boolean;
  /** Where `env:NAME` is looked up. Default the process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Opens the keyring that `GATEBOOK_KEYRING` names: `file:PATH`, made on first use with mode 0600 unless that is forbidden, or
 * `env:NAME`, a variable that holds the same JSON.
 * @throws {KeyringMissingError} when the file is absent and may not be made; nothing is written
 * @throws {KeyringUnusableError} when it is damaged, readable by others than its owner, or its variable is not set
 */
export async function openKeyring(spec: string, options: KeyringOptions = {}): Promise<Keyring> {
  const { mayMake = true, env = process.env } = options;
  const [, kind, where] = /^(file|env):(.+)$/s.exec(spec) ?? [];
  if (!kind || !where) throw new KeyringUnusableError('', 'GATEBOOK_KEYRING must read file:PATH or env:NAME.');
  const text = kind === 'file' ? await textOfFile(where, mayMake) : env[where];
  if (!text) throw new KeyringUnusableError(spec, 'the environment variable is not set.');
  return keyringOf(parseKeyring(text, spec));
}

async function textOfFile(path: string, mayMake: boolean): Promise<string> {
  if (mayMake) return readOrMakeKeyringFile(path, newKeyringText);
  const text = await readKeyringFile(path);
  if (text === undefined) throw new KeyringMissingError(path);
  return text;
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
