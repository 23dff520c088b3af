import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpAgent, request as requestByHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { EgressFailedError } from './egress.errors.js';
import type { Target } from './target.js';

/** Head of an answer at most, bytes. */
export const HEADER_BYTES_MAX = 16_384;
/** Connections at once, over all hosts and each scheme; further requests wait within their own time. */
const CONNECTIONS_MAX = 128;
/** Of them to one host and port: a server that does not answer must not keep requests to others waiting. */
export const CONNECTIONS_PER_ORIGIN_MAX = 16;

/** What is sent: one request, without a redirect followed. */
export interface Sending {
  readonly method: string;
  readonly headers: Headers;
  readonly body: Buffer | null;
}

/** Sends one request to one target. */
export type Exchange = (target: Target, sending: Sending, signal: AbortSignal) => Promise<Response>;

/**
 * Speaks HTTP/1.1 to checked addresses. Every request has a connection of its own, so that its address was checked for itself; TLS sessions are
 * resumed. No proxy is used, whatever the environment says: a proxy would resolve the name again.
 * @param ca certificate authorities (PEM) trusted beside those of the system
 */
export function exchangeOver({
  maxBytes,
  ca,
}: {
  readonly maxBytes: number;
  readonly ca: readonly string[];
}): Exchange {
  const authorities = ca.length > 0 ? { ca: [...getCACertificates('default'), ...ca] } : {};
  const limits = { keepAlive: false, maxSockets: CONNECTIONS_PER_ORIGIN_MAX, maxTotalSockets: CONNECTIONS_MAX };
  const agents = { http: new HttpAgent(limits), https: new HttpsAgent({ ...limits, ...authorities }) };
  return async (target, sending, signal) => {
    const message = await send(target, sending, signal, agents);
    const body = sending.method === 'HEAD' ? Buffer.alloc(0) : await bodyOf(message, target, maxBytes);
    return asResponse(message, body, target.url);
  };
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

function send(target: Target, sending: Sending, signal: AbortSignal, agents: Agents): Promise<IncomingMessage> {
  const { url } = target;
  const secure = url.protocol === 'https:';
  const options: RequestOptions = {
    method: sending.method,
    headers: Object.fromEntries(sending.headers),
    agent: secure ? agents.https : agents.http,
    lookup: pinnedTo(target.addresses),
    maxHeaderSize: HEADER_BYTES_MAX,
    signal,
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (secure ? requestByHttps : requestByHttp)(url, options, resolve);
  request.on('error', (cause) => reject(unreachable(url, cause)));
  request.end(sending.body ?? undefined);
  return promise;
}

/** Answers every look-up with the addresses that were checked. An address written into the URL is never looked up. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, answer) => {
    if (options.all) answer(null, all);
    else answer(null, all[0]?.address ?? '', all[0]?.family);
  };
}

/** Counts what arrives, not what was announced. */
async function bodyOf(message: IncomingMessage, { url }: Target, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) break; // leaving the loop closes the connection
      chunks.push(chunk);
    }
  } catch (cause) {
    throw unreachable(url, cause);
  }
  if (size > maxBytes) throw tooLarge(url, maxBytes);
  return Buffer.concat(chunks);
}

/** Statuses that have no body. @see https://fetch.spec.whatwg.org/#null-body-status */
const WITHOUT_BODY = [204, 205, 304];

function asResponse(message: IncomingMessage, body: Buffer, url: URL): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = message;
  const encoding = message.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw unreachable(url, { code: 'an encoding of the body that was not asked for' });
  try {
    const response = new Response(WITHOUT_BODY.includes(status) ? null : new Uint8Array(body), {
      status,
      statusText,
      headers: inPairs(rawHeaders),
    });
    Object.defineProperty(response, 'url', { value: url.href });
    return response;
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

function inPairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, n) => [raw[2 * n] ?? '', raw[2 * n + 1] ?? '']);
}

/** Only the code of the cause is told: its text may name addresses. */
function unreachable({ host }: URL, cause: unknown): EgressFailedError {
  const code = (cause as { code?: string }).code ?? 'no valid answer';
  if (code === 'HPE_HEADER_OVERFLOW')
    return new EgressFailedError(
      'egress-too-large',
      `${host} answered with more than ${HEADER_BYTES_MAX} bytes of headers.`,
    );
  return new EgressFailedError(
    'egress-unreachable',
    `The request to ${host} failed (${code}). Check that it can be reached from here and that its certificate is valid.`,
  );
}

const tooLarge = ({ host }: URL, maxBytes: number) =>
  new EgressFailedError('egress-too-large', `${host} answered with more than ${maxBytes} bytes, which are not read.`);
