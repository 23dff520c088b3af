import { lookup } from 'node:dns/promises';
import { type AllowList, allowList } from './allow-list.js';
import { EgressFailedError, EgressRefusedError } from './egress.errors.js';
import { type Exchange, exchangeOver, type Sending } from './exchange.js';
import { nextStep, type Step } from './redirects.js';
import { locate, type Resolve, readUrl } from './target.js';

/** The type of the platform's own `fetch`, in whose place this one stands. */
export type Fetch = typeof globalThis.fetch;

/** What the guard permits and how much it takes. */
export interface EgressOptions {
  /** The operator's list (`GATEBOOK_EGRESS_ALLOW`): hosts, `host:port`, addresses and networks that may be private, and that http may be used for. */
  readonly allow: readonly string[];
  /** Time for one call in all, milliseconds: names, connections, redirects and body. Default 10,000. */
  readonly timeoutMs?: number;
  /** Body of an answer at most, bytes. Default 1,048,576. */
  readonly maxBytes?: number;
  /** Default: the operating system's resolver, so that `/etc/hosts` counts. */
  readonly resolve?: Resolve;
  /** Certificate authorities (PEM) trusted beside those of the system, for servers inside an organisation. */
  readonly ca?: readonly string[];
}

/** The one way out: every request to another server, whoever wrote down its address, is made through it. */
export interface Egress {
  /**
   * Stands in the place of the platform's `fetch`, with these differences:
   * only https, to public addresses, on port 443 or from 1024 on, unless the operator permits more; a redirect is handed back as it is unless
   * `redirect: 'follow'` is asked for, then at most {@link REDIRECTS_MAX} are followed, each checked like the first URL and never from https
   * to http; the body is read before the promise resolves; compressed bodies are not asked for; `signal` ends it at any time.
   * @throws {EgressRefusedError} for what is not permitted
   * @throws {EgressFailedError} when the other side does not answer in time, or with too much
   */
  readonly fetch: Fetch;
}

/** Body of a request at most, bytes. */
export const REQUEST_BYTES_MAX = 1_048_576;
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 1_048_576;

/**
 * Guards outbound HTTP against server-side request forgery and against answers without end. Keeps no state between calls but TLS sessions.
 * @throws {EgressAllowError} when the operator's list cannot be read
 */
export function egress({
  allow,
  timeoutMs = TIMEOUT_MS,
  maxBytes = ANSWER_BYTES_MAX,
  resolve = bySystem,
  ca = [],
}: EgressOptions): Egress {
  const way: Way = { allow: allowList(allow), resolve, exchange: exchangeOver({ maxBytes, ca }) };
  return {
    async fetch(input, init) {
      const url = readUrl(input instanceof Request ? input.url : String(input));
      const request = new Request(input, init);
      const sending = await sendingOf(request, url);
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(tookTooLong(url, timeoutMs)), timeoutMs);
      const signal = AbortSignal.any([request.signal, deadline.signal]);
      const step: Step = { url, sending, redirect: init?.redirect ?? 'manual' };
      return within(signal, walk(way, step, signal)).finally(() => clearTimeout(timer));
    },
  };
}

interface Way {
  readonly allow: AllowList;
  readonly resolve: Resolve;
  readonly exchange: Exchange;
}

const bySystem: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

async function walk(way: Way, first: Step, signal: AbortSignal): Promise<Response> {
  let step = first;
  for (let followed = 0; ; followed += 1) {
    const target = await locate(step.url, way.allow, way.resolve);
    signal.throwIfAborted(); // the time may have run out while the name was looked up; nothing is sent then
    const response = await way.exchange(target, step.sending, signal);
    const next = nextStep(step, response, followed);
    if (!next) return response;
    step = next;
  }
}

/** Headers of the connection, which is ours to manage, and of the host, which is the URL's. */
const OF_THE_CONNECTION = [
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
];

async function sendingOf(request: Request, { host }: URL): Promise<Sending> {
  const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
  if (body && body.length > REQUEST_BYTES_MAX)
    throw new EgressRefusedError('egress-url-refused', `More than ${REQUEST_BYTES_MAX} bytes are not sent to ${host}.`);
  const headers = new Headers(request.headers);
  for (const name of OF_THE_CONNECTION) headers.delete(name);
  headers.set('accept-encoding', 'identity');
  if (!headers.has('accept')) headers.set('accept', '*/*');
  if (!headers.has('user-agent')) headers.set('user-agent', 'gatebook');
  if (body) headers.set('content-length', String(body.length));
  return { method: request.method, headers, body };
}

/** Ends the wait when the signal does, whatever is still under way, with the signal's reason: the caller's own, or that time ran out. */
async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([work, ended]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', end);
    work.catch(() => undefined); // after the race nobody else waits for it
  }
}

const tookTooLong = ({ host }: URL, timeoutMs: number) =>
  new EgressFailedError('egress-timeout', `${host} did not answer completely within ${timeoutMs} ms. Try again later.`);
