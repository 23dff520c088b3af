import { createHmac } from 'node:crypto';

/** Where the key that CSRF tokens are derived under is injected: 32 random bytes, the same on every server of the installation. */
export const CSRF_KEY = Symbol('CSRF_KEY');

/** Header that carries the token in requests of scripts. */
export const CSRF_HEADER = 'x-csrf-token';

/** Field that carries the token in forms. */
export const CSRF_FIELD = 'csrf';

/** The CSRF token of a session: an HMAC of the session's token, so it needs no storage, ends with the session and gives nothing away. */
export function csrfTokenOf(key: Buffer, sessionToken: string): string {
  return createHmac('sha256', key).update('csrf\0').update(sessionToken).digest('base64url');
}
