import { demand } from './saml-refused.error.js';

/** Size of a response in bytes, decoded. 1,000 groups need about 205 kB; an honest response of 20 groups has 10 kB. */
export const RESPONSE_BYTES_MAX = 256 * 1024;
/** Size of the form field: base64 with line breaks every 64 characters. */
export const RESPONSE_FIELD_MAX = Math.ceil((RESPONSE_BYTES_MAX * 4) / 3 / 64) * 66;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes the form field `SAMLResponse`: base64 in one form only (RFC 4648, line breaks allowed as in RFC 2045), UTF-8 without errors
 * (a byte order mark is dropped).
 * Leniency here would let one response have many spellings.
 * @throws {Refusal} `too-large` or `malformed-response`
 */
export function decodeResponse(field: string): string {
  demand(field.length <= RESPONSE_FIELD_MAX, 'too-large', tooLarge);
  const bytes = bytesOf(field);
  demand(bytes !== undefined, 'malformed-response', 'SAMLResponse is not valid base64.');
  demand(bytes.length <= RESPONSE_BYTES_MAX, 'too-large', tooLarge);
  return decodeUtf8(bytes);
}

const tooLarge = `The response is larger than ${RESPONSE_BYTES_MAX / 1024} kB. Let the identity provider send fewer groups, for example only those assigned to this application.`;

/** Bytes of base64 in its one form, line breaks aside; `undefined` for none and for anything else. */
export function bytesOf(text: string): Buffer | undefined {
  const base64 = text.trim().replace(/[\r\n]+/g, '');
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === base64 ? bytes : undefined;
}

/** Text of UTF-8 without errors; a byte order mark is dropped. @throws {Refusal} `malformed-response` */
export function decodeUtf8(bytes: Uint8Array): string {
  let text: string | undefined;
  try {
    text = utf8.decode(bytes);
  } catch {}
  demand(text !== undefined, 'malformed-response', 'The message is not valid UTF-8.');
  return text;
}
