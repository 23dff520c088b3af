import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { buildSamlResponse, createIdentityProviderKey, encodeSamlResponse, readAuthnRequest } from '#libs/saml-idp';
import { BrowserLess } from './browser-less.js';
import type { Installation, Twist } from './installation.js';
import { dataFolder, freePort, startServer } from './started-server.js';
import { configurationOf, honest, type TestPerson } from './test-idp.js';

/** Secrets of the confidential clients. */
export const CRM_SECRET = 'the-secret-of-crm-for-tests';
export const API_SECRET = 'the-secret-of-the-crm-api-for-tests';
export const WIKI_SECRET = 'the-secret-of-wiki-for-tests';

/** Where the applications under test are sent people back to; nothing has to listen there. */
export const CALLBACK = 'https://crm.acme.example/callback';
const WIKI_CALLBACK = 'https://wiki.acme.example/callback';
const AFTER_LOGOUT = 'https://crm.acme.example/';

/** What a test says of an application that it plays. */
export interface Application {
  readonly clientId: string;
  /** Null for one that cannot keep a secret. */
  readonly secret: string | null;
  readonly redirectUri: string;
}

export const crm: Application = { clientId: 'crm', secret: CRM_SECRET, redirectUri: CALLBACK };
export const crmPages: Application = { clientId: 'crm-pages', secret: null, redirectUri: CALLBACK };
export const crmApi: Application = { clientId: 'crm-api', secret: API_SECRET, redirectUri: CALLBACK };
export const wiki: Application = { clientId: 'wiki', secret: WIKI_SECRET, redirectUri: WIKI_CALLBACK };
export const ledger: Application = { clientId: 'ledger', secret: WIKI_SECRET, redirectUri: CALLBACK };
export const safe: Application = { clientId: 'safe', secret: CRM_SECRET, redirectUri: CALLBACK };
export const globexCrm: Application = { clientId: 'globex-crm', secret: CRM_SECRET, redirectUri: CALLBACK };

const clients = (backchannel: string | null) => `
    clients:
      - clientId: crm
        name: The CRM
        clientSecret: env:GATEBOOK_SECRET_CRM
        redirectUris: ["${CALLBACK}"]
        postLogoutRedirectUris: ["${AFTER_LOGOUT}"]
        backchannelLogoutUri: ${backchannel ? JSON.stringify(backchannel) : 'null'}
        rolesOf: crm
        connections: [corp]
      - { clientId: crm-pages, tokenEndpointAuthMethod: none, redirectUris: ["${CALLBACK}"], rolesOf: crm, connections: [corp] }
      - { clientId: crm-api, tokenEndpointAuthMethod: client_secret_post, clientSecret: ${API_SECRET}, redirectUris: ["${CALLBACK}"], rolesOf: crm, connections: [corp] }
      - { clientId: wiki, clientSecret: ${WIKI_SECRET}, redirectUris: ["${WIKI_CALLBACK}"], rolesOf: wiki, connections: [corp], admitWithoutRole: true }
      - { clientId: ledger, clientSecret: ${WIKI_SECRET}, redirectUris: ["${CALLBACK}"], rolesOf: ledger, connections: [corp], refresh: false }
      - { clientId: safe, clientSecret: env:GATEBOOK_SECRET_CRM, redirectUris: ["${CALLBACK}"], rolesOf: crm, connections: [corp], requireAuthenticationContext: ["urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"] }`;

const GLOBEX_CLIENTS = `
    clients:
      - { clientId: globex-crm, clientSecret: env:GATEBOOK_SECRET_CRM, redirectUris: ["${CALLBACK}"], rolesOf: crm, connections: [globex-sso] }
`;

const listed = (elements: readonly string[]): string => elements.map((element) => `\n      - ${element}`).join('');

/**
 * Starts an installation with applications behind it, `further` ones as they stand in the file, and so with further connections, in which
 * `<certificate>` stands for the test's identity provider, and policies of `acme`; see the other `startInstallation` for what else is in it.
 */
export async function startWithApplications(
  backchannel: string | null = null,
  further: readonly string[] = [],
  connections: readonly string[] = [],
  policies: readonly string[] = [],
): Promise<Installation> {
  const key = await createIdentityProviderKey({ commonName: 'test identity provider', now: new Date() });
  const dataDir = dataFolder();
  const configuration = join(dataDir, 'gatebook.yaml');
  const ofAcme = listed(connections).replaceAll('<certificate>', JSON.stringify(key.certificatePem));
  const text = configurationOf(key.certificatePem)
    .replace('\n    roles:', '\n    roles:\n      - { id: ledger.reader, application: ledger, name: Ledger reader }')
    .replace(
      '\n  - id: globex',
      `${ofAcme}${clients(backchannel)}${listed(further)}${policies.length > 0 ? `\n    policies:${listed(policies)}` : ''}\n  - id: globex`,
    );
  writeFileSync(configuration, text.trimEnd() + GLOBEX_CLIENTS);
  const port = await freePort();
  const env = {
    GATEBOOK_CONFIG: configuration,
    GATEBOOK_SECRET_CRM: CRM_SECRET,
    GATEBOOK_EGRESS_ALLOW: '127.0.0.1',
  };
  const start = () => startServer({ dataDir, port, env });
  const installation = { key, configuration, server: await start(), restart };
  async function restart() {
    await installation.server.stop();
    installation.server = await start();
  }
  return installation;
}

/** What an application remembers of a request that it sent. */
export interface AuthorizationRequest {
  readonly url: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Begins a sign-in as an application would; `changes` replaces parameters, undefined leaves one out. */
export function authorizationRequest(
  issuer: string,
  { clientId, redirectUri }: Application,
  changes: Readonly<Record<string, string | undefined>> = {},
): AuthorizationRequest {
  const [state, nonce, verifier] = [random(), random(), random()];
  const parameters = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email',
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  };
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { url: `${issuer}/auth?${new URLSearchParams(given)}`, state, nonce, verifier };
}

const random = () => randomBytes(32).toString('base64url');

/** Answers for the identity provider, whichever connection asked. */
async function answerAt(
  browser: BrowserLess,
  { server, key }: Installation,
  asked: URL,
  person: TestPerson,
  twist: Twist,
): Promise<Response> {
  const { id: requestId, acsUrl = '' } = readAuthnRequest({ SAMLRequest: asked.searchParams.get('SAMLRequest') ?? '' });
  const connection = new URL(acsUrl).pathname.split('/')[2] ?? '';
  const xml = buildSamlResponse({ ...honest(server.url, connection, person, key), requestId, ...twist });
  const fields = { SAMLResponse: encodeSamlResponse(xml), RelayState: asked.searchParams.get('RelayState') ?? '' };
  return browser.submit(acsUrl, fields, 'https://idp.example/sso');
}

/** Most redirects that a browser follows. */
const HOPS_MAX = 12;

/**
 * Follows an authorization request through Gatebook, answering for the identity provider where it is asked.
 * Resolves with the address at which the browser would leave for the application, or the page at which it stops.
 */
export async function walk(
  browser: BrowserLess,
  installation: Installation,
  url: string,
  person: TestPerson,
  twist: Twist = {},
): Promise<{ readonly left: URL | null; readonly page: Response | null; readonly askedIdp: number }> {
  const home = new URL(installation.server.url);
  let askedIdp = 0;
  let answer = await browser.go(url);
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    const location = answer.headers.get('location');
    if (location === null) return { left: null, page: answer, askedIdp };
    const next = new URL(location, home);
    if (next.hostname === 'idp.example') {
      askedIdp += 1;
      answer = await answerAt(browser, installation, next, person, twist);
    } else if (next.host !== home.host) return { left: next, page: null, askedIdp };
    else answer = await browser.go(next.href);
  }
  throw new Error('The browser was led in a circle.');
}

/** Calls an endpoint of the provider as an application does. */
export async function call(
  url: string,
  { clientId, secret }: Application,
  fields: Readonly<Record<string, string>>,
  inBody = false,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const basic = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
  const own: Record<string, string> =
    secret === null ? { client_id: clientId } : inBody ? { client_id: clientId, client_secret: secret } : {};
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(secret === null || inBody ? {} : { authorization: basic }),
    },
    body: new URLSearchParams({ ...fields, ...own }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
}

/** Tokens that an application was given. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** Signs a person in to an application, both hops, and exchanges the code. */
export async function signInTo(
  application: Application,
  installation: Installation,
  person: TestPerson,
  {
    browser = new BrowserLess(),
    changes = {},
  }: { readonly browser?: BrowserLess; readonly changes?: Readonly<Record<string, string>> } = {},
): Promise<Tokens> {
  const issuer = `${installation.server.url}/op`;
  const request = authorizationRequest(issuer, application, changes);
  const { left, page } = await walk(browser, installation, request.url, person);
  if (!left?.searchParams.get('code'))
    throw new Error(`No code came back: ${left?.href ?? `${page?.status} ${await page?.text()}`}`);
  const { status, body } = await exchange(installation, application, left, request);
  if (status !== 200) throw new Error(`No tokens: ${JSON.stringify(body)}`);
  return body as unknown as Tokens;
}

/** Exchanges the code in an address for tokens. */
export function exchange(
  { server }: Installation,
  application: Application,
  left: URL,
  { verifier }: Pick<AuthorizationRequest, 'verifier'>,
  changes: Readonly<Record<string, string>> = {},
) {
  const fields = {
    grant_type: 'authorization_code',
    code: left.searchParams.get('code') ?? '',
    redirect_uri: application.redirectUri,
    code_verifier: verifier,
    ...changes,
  };
  return call(`${server.url}/op/token`, application, fields, application.clientId === 'crm-api');
}

/** The claims of a token, read without checking it. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}

/** Takes notices of sign-out for an application. */
export interface NoticeReceiver {
  readonly url: string;
  readonly tokens: readonly string[];
  close(): Promise<void>;
}

/** Starts a receiver of back-channel notices; it refuses the first `refuse` of them. */
export async function startNoticeReceiver(refuse = 0): Promise<NoticeReceiver> {
  const tokens: string[] = [];
  let refusals = refuse;
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      refusals -= 1;
      if (refusals < 0) tokens.push(new URLSearchParams(Buffer.concat(parts).toString()).get('logout_token') ?? '');
      response.writeHead(refusals < 0 ? 200 : 503).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/bcl`,
    tokens,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
