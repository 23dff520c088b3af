import { createHash, timingSafeEqual } from 'node:crypto';

/** Longest token that is looked at, in characters. */
const TOKEN_LENGTH_MAX = 512;

/** The bearer token of a request (RFC 6750 §2.1); `null` without one. */
export function bearerTokenOf({
  headers,
}: {
  readonly headers: { readonly authorization?: string | undefined };
}): string | null {
  const [, token] = /^Bearer +([\x21-\x7e]+) *$/i.exec(headers.authorization ?? '') ?? [];
  return token !== undefined && token.length <= TOKEN_LENGTH_MAX ? token : null;
}

/** SHA-256 in hex. Enough for secrets of 256 random bits: there is nothing to guess, so nothing to slow down. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Compares two texts in a time that depends on neither, also where their lengths differ. */
export function equalInConstantTime(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}
