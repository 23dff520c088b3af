/** Most cookies of a request that are looked at. */
const COOKIES_MAX = 64;

/**
 * Reads a request's cookies (RFC 6265 §5.4). Values are taken as sent: those that Gatebook sets need no decoding.
 * Of two cookies with one name the first counts, the one with the longer path; `__Host-` names cannot come twice.
 */
export function readCookies(request: {
  readonly headers: { readonly cookie?: string | undefined };
}): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (request.headers.cookie ?? '').split(';', COOKIES_MAX)) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (name !== '' && at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}
