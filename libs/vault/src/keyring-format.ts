import { randomBytes } from 'node:crypto';
import { KEY_BYTES } from './sealed-box.js';
import { KeyringUnusableError } from './vault.errors.js';

/** The keys of a keyring, in memory. */
export interface KeyringKeys {
  /** Which key-encryption key wraps new keys; the others only open old ones. */
  readonly kekId: string;
  readonly keks: ReadonlyMap<string, Buffer>;
  /** Never changes: every look-up in the database depends on it. */
  readonly lookup: Buffer;
}

const KEK_ID = /^[A-Za-z0-9_-]{1,32}$/;

/** Writes a new keyring with one key-encryption key: `{ version: 1, kekId, keks: { id: base64 }, lookup: base64 }`. */
export function newKeyringText(): string {
  const key = () => randomBytes(KEY_BYTES).toString('base64');
  return `${JSON.stringify({ version: 1, kekId: 'k1', keks: { k1: key() }, lookup: key() }, null, 2)}\n`;
}

/**
 * Reads the text of a keyring.
 * @param where names the keyring in errors, which never quote its content
 * @throws {KeyringUnusableError} when the text is anything but a whole keyring of version 1
 */
export function parseKeyring(text: string, where: string): KeyringKeys {
  const { version, kekId, keks, lookup } = asRecord(parseJson(text, where), where);
  if (version !== 1) throw new KeyringUnusableError(where, 'it is not a keyring of version 1.');
  const keys = new Map(Object.entries(asRecord(keks, where)).map(([id, key]) => [id, readKey(key, where)]));
  if ([...keys.keys()].some((id) => !KEK_ID.test(id)))
    throw new KeyringUnusableError(where, 'the id of a key is not 1–32 letters, digits, _ or -.');
  if (typeof kekId !== 'string' || !keys.has(kekId))
    throw new KeyringUnusableError(where, 'its kekId names none of its keys.');
  return { kekId, keks: keys, lookup: readKey(lookup, where) };
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text is keys.
    throw new KeyringUnusableError(where, 'it is not JSON. Restore it from your backup.');
  }
}

function asRecord(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new KeyringUnusableError(where, 'it does not have the form of a keyring.');
}

function readKey(value: unknown, where: string): Buffer {
  const key = Buffer.from(typeof value === 'string' ? value : '', 'base64');
  if (key.length !== KEY_BYTES) throw new KeyringUnusableError(where, `a key is not ${KEY_BYTES} bytes in base64.`);
  return key;
}
