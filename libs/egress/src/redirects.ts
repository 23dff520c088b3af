import { EgressRefusedError } from './egress.errors.js';
import type { Sending } from './exchange.js';
import { readUrl } from './target.js';

/** Redirects of one call that are followed. */
export const REDIRECTS_MAX = 3;

/** One request of a call; redirects lead from one to the next. */
export interface Step {
  readonly url: URL;
  readonly sending: Sending;
  readonly redirect: RequestRedirect;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Where an answer sends us on, if we go; `followed` counts the redirects so far.
 * @throws {EgressRefusedError} for one redirect too many, from https to http, or that would take a body to another server
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch for methods and headers
 */
export function nextStep(step: Step, { status, headers }: Response, followed: number): Step | undefined {
  const location = headers.get('location');
  if (!REDIRECTS.includes(status) || location === null || step.redirect === 'manual') return undefined;
  if (step.redirect === 'error') throw refusedRedirect(step.url, 'answered with a redirect, and none was expected');
  if (followed >= REDIRECTS_MAX)
    throw refusedRedirect(step.url, `leads on and on; at most ${REDIRECTS_MAX} redirects are followed`);
  const url = readUrl(URL.canParse(location, step.url) ? new URL(location, step.url).href : location);
  if (step.url.protocol === 'https:' && url.protocol === 'http:')
    throw refusedRedirect(step.url, 'leads from https to http');
  return { ...step, url, sending: sentOn(step, status, url) };
}

function sentOn({ url: from, sending }: Step, status: number, to: URL): Sending {
  const { method } = sending;
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
  const headers = new Headers(sending.headers);
  if (becomesGet) for (const name of ABOUT_THE_BODY) headers.delete(name);
  if (from.origin !== to.origin) for (const name of FOR_ONE_ORIGIN) headers.delete(name);
  if (becomesGet) return { method: 'GET', headers, body: null };
  if (sending.body !== null && from.origin !== to.origin)
    throw refusedRedirect(from, 'would have what was sent to it sent on to another server');
  return { method, headers, body: sending.body };
}

const ABOUT_THE_BODY = ['content-length', 'content-type', 'content-encoding', 'content-language', 'content-location'];
const FOR_ONE_ORIGIN = ['authorization', 'cookie', 'dpop'];

const refusedRedirect = ({ host }: URL, what: string) =>
  new EgressRefusedError('egress-redirect-refused', `${host} ${what}. Use the final address in the settings.`);
