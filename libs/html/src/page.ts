import { type Html, type HtmlValue, html, trusted } from './html.js';
import { stylesheet } from './stylesheet.js';

/** What a page shows around its own content. */
export interface PageOptions {
  /** Names the page in the tab; the page's own `h1` is in `body`. */
  readonly title: string;
  readonly body: HtmlValue;
  /** At least 128 random bits as base64 or base64url, new for every answer; the same as in {@link pageHeaders}. */
  readonly nonce: string;
  /** A warning across the top. */
  readonly banner?: HtmlValue;
  /** Name beside the mark; default `Gatebook`. */
  readonly brand?: string;
  /** Where the brand leads; default `/`. */
  readonly home?: string;
  /** Links at the right of the header. */
  readonly nav?: HtmlValue;
  /** `narrow` for a single form. Default `wide`. */
  readonly width?: 'narrow' | 'wide';
  /** `guest` wears another accent, so that nobody takes the page for Gatebook's own. */
  readonly tone?: 'own' | 'guest';
}

/** Shapes of nonce that cannot leave an attribute or a header. */
const NONCE = /^[A-Za-z0-9+/_-]{22,86}={0,2}$/;

// An open gate that is an open book.
const MARK = trusted(
  '<svg width="26" height="26" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 6.5v14M12 6.5C10 4.6 6.8 4 3 4.2v13.6c3.8-.2 7 .6 9 2.7M12 6.5c2-1.9 5.2-2.5 9-2.3v13.6c-3.8-.2-7 .6-9 2.7"/><path d="M7.4 9.6v3.6M16.6 9.6v3.6"/></svg>',
);

/**
 * Writes a whole document around `body`: header, skip link, main column, the shared stylesheet under the nonce. Carries no
 * script. Send it as `text/html; charset=utf-8` with {@link pageHeaders} and the same nonce.
 * @throws {TypeError} when the nonce is not 22 to 88 base64 or base64url characters
 */
export function page(options: PageOptions): Html {
  const { title, body, brand = 'Gatebook', home = '/', tone = 'own', width = 'wide' } = options;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${brand}</title>
<link rel="icon" href="data:,">
<style nonce="${checked(options.nonce)}">${stylesheet}</style>
</head>
<body class="${tone} ${width}">
<a class="skip" href="#main">Skip to the content</a>
${options.banner && html`<p class="banner" role="note">${options.banner}</p>`}
<header class="top"><a class="brand" href="${home}">${MARK} ${brand}</a>${options.nav && html`<nav aria-label="Main">${options.nav}</nav>`}</header>
<main id="main">
${body}
</main>
</body>
</html>
`;
}

/**
 * The headers that belong to a {@link page}: nothing is loaded, run, framed or kept, except what bears the nonce.
 * `formActions` are addresses whose origins forms may post to beside the page's own; browsers apply this also to where the
 * answer to a form redirects. Only the page's origin is told to other sites.
 * @throws {TypeError} when the nonce is malformed, or a form action is not an http(s) address
 */
export function pageHeaders(nonce: string, formActions: readonly string[] = []): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': contentSecurityPolicy(checked(nonce), formActions),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'strict-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  };
}

function contentSecurityPolicy(nonce: string, formActions: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "img-src data: 'self'",
    ["form-action 'self'", ...formActions.map(originOf)].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function originOf(address: string): string {
  const { origin, protocol } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('A form action must be an http(s) address.');
  return origin;
}

function checked(nonce: string): string {
  if (!NONCE.test(nonce)) throw new TypeError('The nonce must be 22 to 88 characters of base64 or base64url.');
  return nonce;
}
