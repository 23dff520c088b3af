import { createHash } from 'node:crypto';
import { demand, refusal } from '../oidc/oidc-refused.error.js';

/** One token as it is sent; 200 groups by GUID need 8 kB. */
export const TOKEN_LENGTH_MAX = 256 * 1024;
const IDENTIFIER = /^[\w.:-]{1,256}$/;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/** A signed JWT taken apart. Good for refusing, never for telling who somebody is, until its signature was checked. */
export interface CompactToken {
  readonly raw: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** SHA-256 (hex) of the octets that the signature covers (RFC 7515 §5.2). */
  readonly signedSha256: string;
}

/**
 * Takes a token in compact serialisation apart.
 * @see RFC 7515 §7.1, RFC 7519 §7.2
 * @throws {OidcRefusedError} `too-large`, `malformed-token`, or `unsupported-algorithm` for an encrypted one
 */
export function parseToken(raw: string): CompactToken {
  demand(raw.length <= TOKEN_LENGTH_MAX, 'too-large', 'The token is too large. Let the provider send fewer claims.');
  const parts = raw.split('.', 6);
  demand(parts.length !== 5, 'unsupported-algorithm', 'The token is encrypted. Turn encryption off at the provider.');
  const [header = '', payload = '', signature = ''] = parts;
  const unsigned = parts.length === 3 && signature === '';
  const spelled = parts.length === 3 && [header, payload].every((part) => BASE64URL.test(part));
  demand(spelled && (unsigned || BASE64URL.test(signature)), 'malformed-token', 'This is not a signed JWT.');
  return {
    raw,
    header: jsonObject(header),
    claims: jsonObject(payload),
    signedSha256: createHash('sha256').update(`${header}.${payload}`, 'ascii').digest('hex'),
  };
}

/** An id for the record: the token's own where it can be part of an event id, otherwise the digest of what identifies it. */
export function tokenIdOf(identifying: string): string {
  if (IDENTIFIER.test(identifying)) return identifying;
  return `sha256:${createHash('sha256').update(identifying, 'utf8').digest('hex')}`;
}

/** A person's or a session's name as it may stand in a record. */
const NAME_BYTES_MAX = 1024;
const NOT_TEXT = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/** Whether a text can be stored and compared as it is: 1 to 1,024 bytes, no control characters, no white space around it. */
export function isExactText(text: string | undefined): text is string {
  return (
    text !== undefined &&
    text !== '' &&
    text === text.trim() &&
    Buffer.byteLength(text) <= NAME_BYTES_MAX &&
    !NOT_TEXT.test(text)
  );
}

/** A claim that is a text, if it is one. */
export function textClaim(claims: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The last second that a date of four-digit years can show. */
const SECONDS_MAX = 253_402_300_799;

/** A claim that is a point in time (NumericDate, RFC 7519 §2), in milliseconds, if it is one. */
export function timeClaim(claims: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'number' && value >= 0 && value <= SECONDS_MAX ? Math.round(value * 1000) : undefined;
}

function jsonObject(part: string): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // falls through to the refusal
  }
  throw refusal('malformed-token', 'A part of the token is not a JSON object in UTF-8.');
}
