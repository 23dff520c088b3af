import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request as openRequest,
  type ServerResponse,
} from 'node:http';
import { AnswerLostError, ServerAwayError } from './front.errors.js';
import { answerHeaders, type Headers } from './passed-headers.js';
import type { Upstream } from './upstream.js';

/** Instances that one request tries. */
const TRIES_MAX = 2;

/** Longest time for a connection to a server, and for silence on it, in milliseconds. The servers themselves give up long before the second. */
const CONNECT_TIMEOUT_MS = 2_000;
const SILENCE_TIMEOUT_MS = 60_000;

/** Methods that only read (RFC 9110 §9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What is to be passed on, and how. */
export interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly headers: Headers;
  readonly upstream: Upstream;
  readonly agent: Agent;
}

/**
 * Passes a request on to an instance and its answer back, byte by byte. An instance that refuses the connection is left for the next
 * one: nothing was sent yet, so that is safe for every method. A connection that breaks later is tried again only for what merely reads.
 * Resolves when the answer has begun.
 * @throws {ServerAwayError} when no instance could be reached
 * @throws {AnswerLostError} when an instance had the request and did not answer
 */
export async function passOn(passing: Passing): Promise<void> {
  const { request, upstream } = passing;
  for (const origin of upstream.inTurn(Date.now()).slice(0, TRIES_MAX)) {
    const outgoing = open(origin, passing);
    try {
      await connected(outgoing);
    } catch {
      upstream.rest(origin, Date.now());
      continue;
    }
    try {
      return await exchange(outgoing, passing);
    } catch {
      if (!isRepeatable(request)) throw new AnswerLostError(upstream.name);
    }
  }
  throw new ServerAwayError(upstream.name);
}

/** A body would be gone after the first time. */
function isRepeatable({ method = '', headers }: IncomingMessage): boolean {
  return SAFE.has(method) && !headers['content-length'] && !headers['transfer-encoding'];
}

function open(origin: string, { request, headers, agent }: Passing): ClientRequest {
  const { hostname, port } = new URL(origin);
  const path = request.url ?? '/';
  const outgoing = openRequest({
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    path,
    method: request.method,
    headers,
    agent,
  });
  outgoing.on('error', () => {}); // each step listens for itself; between them nothing may be unheard
  return outgoing;
}

function connected(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => outgoing.destroy(new Error('connecting took too long')), CONNECT_TIMEOUT_MS);
    outgoing.once('error', reject);
    outgoing.once('close', () => clearTimeout(late));
    outgoing.once('socket', (socket) => {
      const ready = () => {
        clearTimeout(late);
        outgoing.off('error', reject);
        resolve();
      };
      if (socket.connecting) socket.once('connect', ready);
      else ready();
    });
  });
}

function exchange(outgoing: ClientRequest, { request, response }: Passing): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.setTimeout(SILENCE_TIMEOUT_MS, () => outgoing.destroy(new Error('the server fell silent')));
    outgoing.once('error', (error) => {
      request.unpipe(outgoing);
      reject(error);
    });
    outgoing.once('response', (answer) => {
      giveBack(answer, request, response);
      resolve();
    });
    // Whoever asked has gone: nobody needs the answer.
    response.once('close', () => outgoing.destroy());
    request.pipe(outgoing);
  });
}

/** A server that breaks off in the middle of its answer breaks off the caller's too, so that half an answer never looks whole. */
function giveBack(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
  // The rest of a body that the server did not want is not worth reading.
  const closing = request.complete ? {} : { connection: ['close'] };
  response.writeHead(answer.statusCode ?? 502, { ...answerHeaders(answer), ...closing });
  answer.once('error', () => response.destroy());
  answer.once('aborted', () => response.destroy());
  answer.pipe(response);
}
