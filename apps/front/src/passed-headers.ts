import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { isTrusted } from './trusted-peers.js';

/** Headers as Node takes them, with every value of a repeated one. */
export type Headers = Record<string, string | string[]>;

/** They belong to one connection and are not passed on (RFC 9110 §7.6.1); `Expect` was answered here. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What only a proxy may say. */
const OF_PROXIES = /^(forwarded|x-forwarded-.*|x-real-ip|x-request-id)$/;

/** Request ids that the servers take over from a proxy. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/**
 * Headers of a request as the server behind gets them: its own `Host`, and who sent it, told by this proxy. What the sender says about
 * that is dropped, unless it is itself a proxy to be believed.
 */
export function requestHeaders(request: IncomingMessage, believed: BlockList): Headers {
  const peer = request.socket.remoteAddress ?? '';
  const theirs = isTrusted(believed, peer) ? request.headersDistinct : {};
  const id = theirs['x-request-id']?.[0];
  return {
    ...withoutConnection(request.headersDistinct, OF_PROXIES),
    host: request.headers.host ?? '',
    // Without it Node would send the body of some methods with no end to it.
    ...(request.headers['transfer-encoding'] ? { 'transfer-encoding': ['chunked'] } : {}),
    'x-forwarded-for': [[...(theirs['x-forwarded-for'] ?? []), peer].join(', ')],
    'x-forwarded-proto': [theirs['x-forwarded-proto']?.[0] === 'https' ? 'https' : 'http'],
    'x-request-id': [id && REQUEST_ID.test(id) ? id : randomUUID()],
  };
}

/** Headers of an answer as its caller gets them. */
export function answerHeaders(answer: IncomingMessage): Headers {
  return withoutConnection(answer.headersDistinct);
}

function withoutConnection(headers: NodeJS.Dict<string[]>, dropped?: RegExp): Headers {
  const named = (headers['connection'] ?? []).flatMap((value) => value.toLowerCase().split(/\s*,\s*/));
  const stays = (name: string) => !OF_THE_CONNECTION.has(name) && !named.includes(name) && !dropped?.test(name);
  const entries = Object.entries(headers).filter((entry): entry is [string, string[]] => entry[1] !== undefined);
  return Object.fromEntries(entries.filter(([name]) => stays(name)));
}
