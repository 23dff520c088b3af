import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeOpenIdProvider } from '#libs/testing';
import type { BrowserLess } from './browser-less.js';
import { dataFolder, freePort, type StartedServer, startServer } from './started-server.js';

/** Ids of the connections that every such installation has. */
export type OidcConnectionId = 'corp-oidc' | 'other-oidc' | 'hub' | 'tokens';

const SECRET = 'a-secret-that-only-the-provider-and-gatebook-know';

/** An installation whose customer `acme` signs in through two OpenID providers, an OAuth 2.0 server, and by assertions; all are fakes. */
export interface OidcInstallation {
  readonly server: StartedServer;
  readonly provider: FakeOpenIdProvider;
  readonly other: FakeOpenIdProvider;
  readonly hub: FakeOpenIdProvider;
  stop(): Promise<void>;
}

/** Starts providers and an installation that knows them. */
export async function startOidcInstallation(): Promise<OidcInstallation> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const start = (connection: OidcConnectionId) =>
    FakeOpenIdProvider.start({
      client: { clientId: 'gatebook', clientSecret: SECRET, redirectUri: `${url}/login/${connection}/callback` },
      now: () => new Date(),
    });
  const [provider, other, hub] = await Promise.all([start('corp-oidc'), start('other-oidc'), start('hub')]);
  const dataDir = dataFolder();
  const configuration = join(dataDir, 'gatebook.yaml');
  writeFileSync(configuration, configurationOf({ provider, other, hub }));
  const env = {
    GATEBOOK_CONFIG: configuration,
    GATEBOOK_EGRESS_ALLOW: '127.0.0.1',
    GATEBOOK_SECRET_PROVIDER: SECRET,
  };
  const server = await startServer({ dataDir, port, env });
  const stop = async () => {
    await server.stop();
    await Promise.all([provider, other, hub].map((one) => one.close()));
  };
  return { server, provider, other, hub, stop };
}

/** Begins a sign-in in a browser. @returns the address at the provider to which it is led */
export async function beginAt(
  browser: BrowserLess,
  { server }: Pick<OidcInstallation, 'server'>,
  connection: OidcConnectionId = 'corp-oidc',
  query = '',
): Promise<string> {
  const answer = await browser.go(`${server.url}/login/${connection}${query}`);
  const location = answer.headers.get('location');
  if (answer.status !== 302 || !location) throw new Error(`No sign-in began: ${answer.status} ${await answer.text()}`);
  return location;
}

/** Signs a person in; resolves with Gatebook's answer to the provider's. */
export async function signInByOidc(
  browser: BrowserLess,
  installation: OidcInstallation,
  person: { readonly sub: string; readonly [claim: string]: unknown },
  connection: 'corp-oidc' | 'other-oidc' | 'hub' = 'corp-oidc',
): Promise<Response> {
  const provider = { 'corp-oidc': installation.provider, 'other-oidc': installation.other, hub: installation.hub }[
    connection
  ];
  provider.person = person;
  const back = provider.authorize(await beginAt(browser, installation, connection));
  return browser.go(back.href);
}

type Fakes = Pick<OidcInstallation, 'provider' | 'other' | 'hub'>;

function configurationOf({ provider, other, hub }: Fakes): string {
  const oidc = (id: string, { issuer }: FakeOpenIdProvider, more = '') => `
      - id: ${id}
        protocol: oidc
        directory: staff
        enabled: true
        displayName: ${id} people
        domains: [acme.example]
        trustEmail: true
        jit: { create: true, update: everySignIn, required: [email] }
        oidc: { issuer: "${issuer}", clientId: gatebook, clientSecret: "env:GATEBOOK_SECRET_PROVIDER" }
        attributes: { userName: preferred_username, email: email, displayName: name, department: department }
        groups: { attribute: groups }
        rules:
          - { id: everyone, when: always, grant: [crm.reader] }
          - { id: admins, when: { group: crm-admins }, grant: [crm.admin] }${more}`;
  return `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles:
      - { id: crm.reader, application: crm, name: CRM reader }
      - { id: crm.admin, application: crm, name: CRM administrator, privileged: true, risk: high }
    connections:${oidc('corp-oidc', provider)}${oidc('other-oidc', other)}
      - id: hub
        protocol: oauth2
        directory: staff
        enabled: true
        domains: [acme.example]
        trustEmail: true
        jit: { create: true, update: everySignIn, required: [email] }
        oauth2:
          authorizationUrl: ${hub.origin}/authorize
          tokenUrl: ${hub.origin}/token
          profileUrl: ${hub.origin}/userinfo
          clientId: gatebook
          clientSecret: "env:GATEBOOK_SECRET_PROVIDER"
          scopes: [profile]
          subject: id
          email: email
          emailVerified: email_verified
        attributes: { userName: login, email: email, displayName: name }
        rules: [{ id: everyone, when: always, grant: [crm.reader] }]
      - id: tokens
        protocol: jwt
        directory: staff
        enabled: true
        domains: [acme.example]
        jit: { create: true, update: everySignIn, required: [email] }
        jwt: { issuer: "${provider.issuer}", jwksUri: "${provider.origin}/jwks", audiences: ["https://gatebook.example/op/token"], maxAge: PT5M }
        attributes: { userName: email, email: email }
        rules: [{ id: everyone, when: always, grant: [crm.reader] }]
`;
}
