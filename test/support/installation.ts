import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSamlResponse,
  createIdentityProviderKey,
  encodeSamlResponse,
  readAuthnRequest,
  type SamlResponseSpec,
} from '#libs/saml-idp';
import { BrowserLess } from './browser-less.js';
import { ADMIN_KEY, dataFolder, freePort, type StartedServer, startServer } from './started-server.js';
import { configurationOf, honest, type IdentityProviderKey, type TestPerson } from './test-idp.js';

/** How an answer differs from an honest one. */
export type Twist = Partial<SamlResponseSpec>;

/** An installation with two customers, `acme` and `globex`, whose one identity provider is the test itself. */
export interface Installation {
  readonly server: StartedServer;
  readonly key: IdentityProviderKey;
  readonly configuration: string;
  /** Starts the server again over the same data. */
  restart(): Promise<void>;
}

/** Starts an installation over a new data folder. */
export async function startInstallation(env: Readonly<Record<string, string>> = {}): Promise<Installation> {
  const key = await createIdentityProviderKey({ commonName: 'test identity provider', now: new Date() });
  const dataDir = dataFolder();
  const configuration = join(dataDir, 'gatebook.yaml');
  writeFileSync(configuration, configurationOf(key.certificatePem));
  const port = await freePort();
  const start = () => startServer({ dataDir, port, env: { GATEBOOK_CONFIG: configuration, ...env } });
  const installation = { key, configuration, server: await start(), restart };
  async function restart() {
    await installation.server.stop();
    installation.server = await start();
  }
  return installation;
}

/** An answer of the test's identity provider to a request that this browser began; resolves before it is posted. */
export async function answerFor(
  browser: BrowserLess,
  { server, key }: Installation,
  person: TestPerson,
  twist: Twist = {},
  connection = 'corp',
) {
  const started = await browser.go(`${server.url}/login/${connection}`);
  const asked = new URL(started.headers.get('location') ?? '');
  const request = readAuthnRequest({ SAMLRequest: asked.searchParams.get('SAMLRequest') ?? '' });
  const xml = buildSamlResponse({ ...honest(server.url, connection, person, key), requestId: request.id, ...twist });
  const acsUrl = `${server.url}/saml/${connection}/acs`;
  return {
    acsUrl,
    requestId: request.id,
    fields: { SAMLResponse: encodeSamlResponse(xml), RelayState: asked.searchParams.get('RelayState') ?? '' },
  };
}

/** Answers a request of Gatebook, as found in the address that it sent the browser to, and posts the answer. */
export async function answerTo(
  browser: BrowserLess,
  { server, key }: Installation,
  asked: URL,
  person: TestPerson,
): Promise<Response> {
  const { id: requestId, acsUrl = '' } = readAuthnRequest({ SAMLRequest: asked.searchParams.get('SAMLRequest') ?? '' });
  const xml = buildSamlResponse({ ...honest(server.url, 'corp', person, key), requestId });
  const fields = { SAMLResponse: encodeSamlResponse(xml), RelayState: asked.searchParams.get('RelayState') ?? '' };
  return browser.submit(acsUrl, fields, 'https://idp.example/sso');
}

/** Signs a person in; resolves with Gatebook's answer to the post. */
export async function signIn(
  browser: BrowserLess,
  installation: Installation,
  person: TestPerson,
  twist: Twist = {},
  connection = 'corp',
): Promise<Response> {
  const { acsUrl, fields } = await answerFor(browser, installation, person, twist, connection);
  return browser.submit(acsUrl, fields, 'https://idp.example/sso');
}

/** Requests the API with the administrator's key, or another one. */
export async function api(
  server: StartedServer,
  path: string,
  { key = ADMIN_KEY, method = 'GET', body, idempotencyKey }: ApiRequest = {},
): Promise<ApiAnswer> {
  const headers: Record<string, string> = { authorization: `Bearer ${key}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['idempotency-key'] = idempotencyKey ?? randomUUID();
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
}

/** A request of the API. */
export interface ApiRequest {
  readonly key?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** An answer of the API; the body as JSON where it is JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly body: any;
}

/** Longest wait for what follows a moment later, on a loaded machine, in milliseconds. */
export const FOLLOWS_WITHIN_MS = 30_000;

/** Asks until the answer satisfies, because projections follow a moment later; fails with the last answer when none did in time. */
export async function eventually(
  ask: () => Promise<ApiAnswer>,
  satisfied: (answer: ApiAnswer) => boolean,
): Promise<ApiAnswer> {
  const deadline = Date.now() + FOLLOWS_WITHIN_MS;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Not so within ${FOLLOWS_WITHIN_MS} ms: ${JSON.stringify(answer.body)}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

/** Reads the whole sealed log, page by page, once it has reached what was written before. */
export async function wholeLog(server: StartedServer): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let after = -1; ; ) {
    const { body } = await api(server, `/api/v1/events?limit=200${after < 0 ? '' : `&after=${after}`}`);
    events.push(...body.items);
    if (body.items.length < 200) return events;
    after = body.items.at(-1).position;
  }
}

/** An event as the API shows it. */
export interface LoggedEvent {
  readonly id: string;
  readonly type: string;
  readonly tenant: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly tenantPosition: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of many types
  readonly data: any;
  readonly metadata: {
    readonly actor: { readonly kind: string; readonly id: string };
    readonly causationId?: string;
    readonly correlationId: string;
  };
}
