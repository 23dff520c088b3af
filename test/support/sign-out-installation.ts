import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createIdentityProviderKey, type LogoutRequestSpec } from '#libs/saml-idp';
import { FakeOpenIdProvider } from '#libs/testing';
import type { BrowserLess } from './browser-less.js';
import { api, eventually, type Installation, type LoggedEvent, signIn } from './installation.js';
import { dataFolder, freePort, type StartedServer, startServer } from './started-server.js';
import type { TestPerson } from './test-idp.js';

/** What the identity provider of the test calls itself. */
export const IDP = 'https://idp.example/metadata';
/** What sources send along to be known by. */
export const PUSH_SECRET = 'the-secret-of-those-who-push';
export const HOOK_SECRET = 'the-secret-of-the-event-hook';
const CLIENT_SECRET = 'a-secret-that-only-the-provider-and-gatebook-know';

/** An installation whose customer `acme` comes and goes by SAML (`corp`, `corp-post`) and OpenID Connect (`corp-oidc`, `strict-oidc`). */
export interface SignOutInstallation extends Installation {
  readonly provider: FakeOpenIdProvider;
  readonly strict: FakeOpenIdProvider;
  /** The SAML identity provider, for browsers that go there by themselves. */
  readonly idp: IdentityProviderPages;
  stop(): Promise<void>;
}

/** Pages of a SAML identity provider: as a test says, nothing at first. */
export interface IdentityProviderPages {
  readonly sso: string;
  readonly slo: string;
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void;
  close(): Promise<void>;
}

async function startIdentityProviderPages(): Promise<IdentityProviderPages> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    pages.answer(request, body, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pages: IdentityProviderPages = {
    sso: `${origin}/sso`,
    slo: `${origin}/slo`,
    answer: (_request, _body, response) => response.writeHead(404).end(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return pages;
}

/** Starts it, with a provider each for the two connections by OpenID Connect. */
export async function startSignOutInstallation(): Promise<SignOutInstallation> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const start = (connection: string) =>
    FakeOpenIdProvider.start({
      client: { clientId: 'gatebook', clientSecret: CLIENT_SECRET, redirectUri: `${url}/login/${connection}/callback` },
      now: () => new Date(),
    });
  const [provider, strict, idp] = await Promise.all([
    start('corp-oidc'),
    start('strict-oidc'),
    startIdentityProviderPages(),
  ]);
  const key = await createIdentityProviderKey({ commonName: 'test identity provider', now: new Date() });
  const dataDir = dataFolder();
  const configuration = join(dataDir, 'gatebook.yaml');
  writeFileSync(configuration, configurationOf(url, { certificate: key.certificatePem, provider, strict, idp }));
  const env = {
    GATEBOOK_CONFIG: configuration,
    GATEBOOK_EGRESS_ALLOW: '127.0.0.1',
    GATEBOOK_SECRET_PROVIDER: CLIENT_SECRET,
    GATEBOOK_SECRET_PUSH: PUSH_SECRET,
    GATEBOOK_SECRET_HOOK: HOOK_SECRET,
  };
  const server = await startServer({ dataDir, port, env });
  return {
    server,
    key,
    configuration,
    provider,
    strict,
    idp,
    restart: () => Promise.reject(new Error('This installation is started once.')),
    async stop() {
      await server.stop();
      await Promise.all([provider, strict, idp].map((fake) => fake.close()));
    },
  };
}

const COMMON = `directory: staff
        domains: [acme.example]
        jit: { create: true, update: everySignIn, required: [email] }
        trustEmail: true
        rules: [{ id: everyone, when: always, grant: [crm.reader] }]`;

function configurationOf(
  url: string,
  {
    certificate,
    provider,
    strict,
    idp,
  }: Pick<SignOutInstallation, 'provider' | 'strict' | 'idp'> & { certificate: string },
): string {
  const saml = (id: string, binding: string, slo = true) => `
      - id: ${id}
        protocol: saml
        ${COMMON}
        saml:
          idpEntityId: ${IDP}
          ssoUrl: ${idp.sso}
          certificates: [${JSON.stringify(certificate)}]
          sloBinding: ${binding}${slo ? `\n          sloUrl: ${idp.slo}` : ''}
        attributes: { userName: email, email: email, givenName: firstName, familyName: lastName }`;
  const oidc = (id: string, { issuer, origin }: FakeOpenIdProvider, more: string) => `
      - id: ${id}
        protocol: oidc
        ${COMMON}
        oidc: { issuer: "${issuer}", clientId: gatebook, clientSecret: "env:GATEBOOK_SECRET_PROVIDER" }
        attributes: { userName: preferred_username, email: email, displayName: name }
        signals:
          issuer: "${issuer}"
          jwksUri: "${origin}/jwks"
          audiences: ["${url}/signals/${id}"]
          ${more}`;
  return `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles: [{ id: crm.reader, application: crm, name: CRM reader }]
    connections:${saml('corp', 'redirect')}${saml('corp-post', 'post')}${saml('corp-local', 'redirect', false)}${oidc('corp-oidc', provider, 'eventHook: "env:GATEBOOK_SECRET_HOOK"')}${oidc('strict-oidc', strict, 'bearer: "env:GATEBOOK_SECRET_PUSH"\n          onAccountDisabled: deactivate')}
`;
}

/** Signs a person in by OpenID Connect. @throws unless they come in */
export async function signInAt(
  browser: BrowserLess,
  { server, provider, strict }: SignOutInstallation,
  person: { readonly sub: string; readonly [claim: string]: unknown },
  connection: 'corp-oidc' | 'strict-oidc' = 'corp-oidc',
): Promise<void> {
  const fake = connection === 'corp-oidc' ? provider : strict;
  fake.person = person;
  const begun = await browser.go(`${server.url}/login/${connection}`);
  const answer = await browser.go(fake.authorize(begun.headers.get('location') ?? '').href);
  if (answer.status !== 303) throw new Error(`Nobody came in: ${answer.status} ${await answer.text()}`);
}

/** Signs a person in by SAML, in a session that the provider calls so. @throws unless they come in */
export async function signInBySaml(
  browser: BrowserLess,
  installation: SignOutInstallation,
  person: TestPerson,
  sessionIndex: string,
  connection = 'corp',
): Promise<void> {
  const answer = await signIn(browser, installation, person, { sessionIndex }, connection);
  if (answer.status !== 303) throw new Error(`Nobody came in: ${answer.status} ${await answer.text()}`);
}

/** Which of some browsers are signed in. */
export function signedIn({ url }: StartedServer, ...browsers: readonly BrowserLess[]): Promise<boolean[]> {
  return Promise.all(browsers.map(async (browser) => (await browser.go(`${url}/me`)).status === 200));
}

/** What an honest provider would ask for: that a person's sessions end. */
export function honestRequest(
  { key, server }: SignOutInstallation,
  nameId: string,
  sessionIndexes: readonly string[],
  connection = 'corp',
): LogoutRequestSpec {
  return {
    key,
    id: `_${randomUUID()}`,
    idpEntityId: IDP,
    destination: `${server.url}/saml/${connection}/slo`,
    now: new Date(),
    nameId: { value: nameId },
    sessionIndexes,
  };
}

/** Leaves by the button of the sign-out page; resolves with the answer to the form. */
export async function pressSignOut(browser: BrowserLess, { url }: StartedServer): Promise<Response> {
  const page = await (await browser.go(`${url}/logout`)).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  return browser.submit(`${url}/logout`, { csrf }, url);
}

/** Where a page leads by itself. */
export const leadsTo = (page: string): string =>
  /id="handover" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';

/** Events of a type, once there are some that satisfy. */
export async function recorded(
  server: StartedServer,
  type: string,
  satisfied: (event: LoggedEvent) => boolean,
): Promise<LoggedEvent[]> {
  const ask = () => api(server, `/api/v1/events?tenant=acme&limit=200&type=${type}`);
  const { body } = await eventually(ask, (answer) => answer.body.items?.some(satisfied));
  return body.items.filter(satisfied);
}

/** Id of the account with an e-mail address, once it is known. */
export async function accountOf(server: StartedServer, email: string): Promise<string> {
  const ask = () => api(server, `/api/v1/accounts?tenant=acme&email=${email}`);
  const { body } = await eventually(ask, (answer) => answer.body.items?.length === 1);
  return body.items[0].id;
}
