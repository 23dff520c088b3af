import type { NextFunction, Request, Response } from 'express';

/** How long browsers remember that this host speaks https only, in seconds (one year). */
const HSTS_SECONDS = 31_536_000;

/** Nothing is loaded, run or framed. Pages replace it by a policy with their own nonce. */
const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Makes the middleware that sets what holds for every answer. Nothing may be cached unless the route says so: answers depend on who asks.
 * The referrer policy keeps the origin on same-origin posts, which the CSRF check looks at.
 */
export function securityHeaders(publicUrl: string): (request: Request, response: Response, next: NextFunction) => void {
  const headers: Record<string, string> = {
    'Content-Security-Policy': NOTHING,
    'Cache-Control': 'no-store',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    ...(publicUrl.startsWith('https:') ? { 'Strict-Transport-Security': `max-age=${HSTS_SECONDS}` } : {}),
  };
  return (_request, response, next) => {
    response.set(headers);
    next();
  };
}
