import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Counter } from 'prom-client';
import { describeError, HttpRefusalError, homeOf, type Log, Metrics, problemOf, ROUTES } from '#libs/platform';
import { FrontBusyError } from './front.errors.js';
import type { FrontSettings } from './front.settings.js';
import { joinedOpenApi, VIEWER_SCRIPT } from './joined-open-api.js';
import { passOn } from './pass-on.js';
import { type Headers, requestHeaders } from './passed-headers.js';
import { readinessOf } from './readiness.js';
import { refusalAnswer } from './refusal-answer.js';
import { remembered } from './remembered.js';
import { parseRanges } from './trusted-peers.js';
import { Upstream } from './upstream.js';

/** Bounds of a request: its head in bytes and headers, and its arrival in milliseconds. */
const HEAD_BYTES_MAX = 16 * 1024;
const HEADERS_MAX = 100;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Requests that are passed on at once. */
const UNDER_WAY_MAX = 1_024;

/** How long what the servers say of themselves is remembered, in milliseconds. */
const READINESS_MS = 500;
const DESCRIPTION_MS = 10_000;

/** Where the demo identity provider answers, when there is one behind the front. */
const DEMO = { name: 'demo-idp', path: /^[/]demo-idp(?=[/]|$)/ };

/** What one server needs of the front. */
interface Front {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly answerHere: Readonly<Record<string, () => Promise<Answer>>>;
  readonly pass: (
    request: IncomingMessage,
    response: ServerResponse,
    upstream: Upstream,
    headers: Headers,
  ) => Promise<void>;
  readonly log: Log;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Makes the front: one address before all servers, which sends each request to the server that is the home of its path. It answers only
 * for health, metrics and the description of the whole itself. It does not listen yet.
 */
export function createFront(settings: Pick<FrontSettings, 'upstreams' | 'trustedProxies'>, log: Log): Server {
  const upstreams = new Map([...settings.upstreams].map(([name, origins]) => [name, new Upstream(name, origins)]));
  const metrics = new Metrics();
  const front: Front = {
    upstreams,
    answerHere: ownAnswers(upstreams, metrics),
    pass: bounded(counted(metrics)),
    log,
  };
  const believed = parseRanges(settings.trustedProxies) ?? undefined;
  if (!believed) throw new TypeError('The trusted proxies were not checked.');
  const server = createServer({
    maxHeaderSize: HEAD_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  server.maxHeadersCount = HEADERS_MAX;
  return server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const headers = requestHeaders(request, believed);
    const requestId = String(headers['x-request-id']);
    if (!server.listening) response.setHeader('connection', 'close');
    respond(front, request, response, headers).catch((error: unknown) =>
      refuse(error, { request, response, requestId, log }),
    );
  });
}

async function respond(
  front: Front,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Headers,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  if (!path.startsWith('/')) throw new HttpRefusalError(400, 'malformed-url', 'The address must be a path.');
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const own = reads && Object.hasOwn(front.answerHere, path) ? front.answerHere[path] : undefined;
  if (own) return send(response, await own());
  const upstream = front.upstreams.get(DEMO.path.test(path) ? DEMO.name : homeOf(path));
  if (!upstream) throw new HttpRefusalError(404, 'not-found', 'There is nothing at this address.');
  await front.pass(request, response, upstream, headers);
}

function ownAnswers(upstreams: ReadonlyMap<string, Upstream>, { registry }: Metrics): Front['answerHere'] {
  const homes = new Set<string>(ROUTES.map(({ home }) => home));
  const json = (status: number, value: unknown): Answer => ({
    status,
    type: 'application/json',
    body: JSON.stringify(value),
  });
  const readiness = remembered(READINESS_MS, () => readinessOf(upstreams.values()));
  const openApi = remembered(DESCRIPTION_MS, () =>
    joinedOpenApi([...upstreams.values()].filter(({ name }) => homes.has(name))),
  );
  return {
    '/health/live': async () => json(200, { live: true }),
    '/health/ready': async () => {
      const report = await readiness();
      return json(report.ready ? 200 : 503, report);
    },
    '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
    '/openapi.json': async () => json(200, await openApi()),
    '/docs/swagger-ui-init.js': async () => ({ status: 200, type: 'text/javascript', body: VIEWER_SCRIPT }),
  };
}

function counted({ registry }: Metrics): Front['pass'] {
  const passed = new Counter({
    name: 'gatebook_front_requests_total',
    help: 'Requests that the front passed on, by server and class of the status',
    labelNames: ['server', 'status'],
    registers: [registry],
  });
  const agent = new Agent({ keepAlive: true });
  return (request, response, upstream, headers) => {
    response.once('close', () =>
      passed.inc({ server: upstream.name, status: `${Math.floor(response.statusCode / 100)}xx` }),
    );
    return passOn({ request, response, headers, upstream, agent });
  };
}

/** Passes on so many at once; more are refused at once, so that memory stays what it is when the servers are slow. */
function bounded(pass: Front['pass']): Front['pass'] {
  let underWay = 0;
  return async (request, response, upstream, headers) => {
    if (underWay >= UNDER_WAY_MAX) throw new FrontBusyError();
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
    });
    await pass(request, response, upstream, headers);
  };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly log: Log;
}

function refuse(error: unknown, { request, response, requestId, log }: Refused): void {
  const { problem, headers } = problemOf(error, requestId);
  // Neither path nor query: both may carry secrets.
  log.warn({ err: describeError(error), code: problem.code, requestId }, 'not passed on');
  if (response.headersSent || response.destroyed) return void response.destroy();
  const answer = refusalAnswer(problem, request.headers.accept);
  response.writeHead(problem.status, { ...headers, ...answer.headers, 'X-Request-Id': requestId }).end(answer.body);
}
