import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BrowserLess } from '../support/browser-less.js';
import { type ApiAnswer, api, eventually, type LoggedEvent } from '../support/installation.js';
import { dataFolder, freePort, type StartedServer, startServer } from '../support/started-server.js';
import { type PrivateKeycloak, startPrivateKeycloak } from './private-keycloak.js';
import { type Arrival, asksForPassword, type Credentials, type Manners, walk } from './walk.js';

/** A Keycloak, and the address where Gatebook is to be: each suite starts one there, with connections of its own. */
export interface World {
  readonly keycloak: PrivateKeycloak;
  /** Address of the realm. */
  readonly realm: string;
  readonly gatebook: string;
  readonly port: number;
}

const SECRET = 'secret of the client gatebook';
const METADATA_WITHIN_MS = 20_000;
const REALM = readFileSync(join(__dirname, 'realm.json'), 'utf8');
const SAML_MAPPERS: unknown = JSON.parse(REALM).clients[0].protocolMappers;

/** Starts Keycloak with the realm of `realm.json`. */
export async function startWorld(): Promise<World> {
  const port = await freePort();
  const gatebook = `http://localhost:${port}`;
  const text = REALM.replaceAll('{backchannel}', `http://127.0.0.1:${port}/login/keycloak-oidc/backchannel-logout`)
    .replaceAll('{gatebook}', gatebook)
    .replaceAll('{secret}', SECRET);
  const keycloak = await startPrivateKeycloak(JSON.parse(text));
  return { keycloak, realm: `${keycloak.url}/realms/acme`, gatebook, port };
}

/** Starts a Gatebook with connections to the realm: id → YAML, beside what all of them share. */
export function startGatebook({ port }: World, connections: Readonly<Record<string, string>>): Promise<StartedServer> {
  const dataDir = dataFolder();
  const configuration = join(dataDir, 'gatebook.yaml');
  writeFileSync(configuration, configurationOf(connections));
  return startServer({
    dataDir,
    port,
    env: {
      GATEBOOK_CONFIG: configuration,
      GATEBOOK_EGRESS_ALLOW: '127.0.0.1',
      GATEBOOK_SECRET_KEYCLOAK: SECRET,
    },
  });
}

function configurationOf(connections: Readonly<Record<string, string>>): string {
  return `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles:
      - { id: crm.reader, application: crm, name: CRM reader }
      - { id: crm.admin, application: crm, name: CRM administrator }
    connections:${Object.entries(connections).map(connectionOf).join('')}`;
}

function connectionOf([id, own]: [string, string]): string {
  return `
      - id: ${id}
        directory: staff
        domains: [acme.example]
        jit: { create: true, required: [email] }
        trustEmail: true
        groups: { attribute: groups, whenMissing: none }
        rules:
          - { id: everyone, when: always, grant: [crm.reader] }
          - { id: admins, when: { group: crm-admins }, grant: [crm.admin] }
${own.replaceAll(/^(?=.)/gm, '        ')}`;
}

/** How the realm calls what people hold, for a connection by SAML. */
export const SAML_ATTRIBUTES =
  'attributes: { userName: email, email: email, givenName: firstName, familyName: lastName }';

/** The certificate that the realm signs with, as its pages show it. */
export async function certificateOf({ realm }: World): Promise<string> {
  const descriptor = await (await fetch(`${realm}/protocol/saml/descriptor`)).text();
  const certificate = /X509Certificate>([^<]+)</.exec(descriptor)?.[1] ?? '';
  return `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
}

/**
 * Makes a client of Keycloak from what a connection's metadata say of Gatebook, as its administrator does who imports them: keys, addresses,
 * and that requests are signed. Statements about people are those of the client in `realm.json`.
 */
export async function importMetadata({ keycloak, gatebook }: World, connection: string): Promise<void> {
  const metadata = await (await fetch(`${gatebook}/saml/${connection}/metadata`)).text();
  const described = await keycloak.admin('/realms/acme/client-description-converter', {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: metadata,
  });
  const client = { ...((await described.json()) as object), defaultClientScopes: [], protocolMappers: SAML_MAPPERS };
  await keycloak.admin('/realms/acme/clients', { method: 'POST', body: JSON.stringify(client) });
}

/** Waits until a connection sends people on to the realm: what its metadata say is read after the start. */
export async function untilItLeadsToKeycloak(world: World, connection: string): Promise<void> {
  const deadline = Date.now() + METADATA_WITHIN_MS;
  for (;;) {
    const arrived = await walk(new BrowserLess(), `${world.gatebook}/login/${connection}`);
    if (asksForPassword(arrived)) return;
    if (Date.now() > deadline)
      throw new Error(`${connection} leads nobody to Keycloak: ${arrived.status} ${refusalCode(arrived.page)}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** What a person of the realm types. */
export const credentialsOf = (username: string): Credentials => ({ username, password: `password of ${username}` });

/** Signs a person in through a connection, from a browser that may be known at Keycloak already. */
export function signIn(
  { gatebook }: World,
  connection: string,
  username: string,
  browser = new BrowserLess(),
  manners: Manners = {},
): Promise<Arrival> {
  return walk(browser, `${gatebook}/login/${connection}`, { credentials: credentialsOf(username), ...manners });
}

/** The code that a page of refusal bears. */
export const refusalCode = (page: string): string => /<code>([a-z-]+)<\/code>/.exec(page)?.[1] ?? '';

/** Leaves Gatebook by the button of its sign-out page, and goes wherever that leads. */
export async function signOut({ gatebook }: World, browser: BrowserLess): Promise<Arrival> {
  const { page } = await walk(browser, `${gatebook}/logout`);
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1];
  if (!csrf) throw new Error('The sign-out page knows no session.');
  return walk(browser, { url: `${gatebook}/logout`, fields: { csrf }, from: gatebook });
}

/** The account of a person as the API shows it, once it is as it should be. */
export async function accountOnce(
  server: StartedServer,
  username: string,
  satisfied: (account: ApiAnswer['body']) => boolean,
): Promise<ApiAnswer['body']> {
  const path = `/api/v1/accounts?tenant=acme&email=${username}@acme.example`;
  const { body } = await eventually(
    () => api(server, path),
    ({ body }) => body.items?.length === 1 && satisfied(body.items[0]),
  );
  return body.items[0];
}

/** Puts a person of the realm into a group, or takes them out. */
export async function changeMembership(
  { keycloak }: World,
  username: string,
  group: string,
  method: 'PUT' | 'DELETE',
): Promise<void> {
  const groups = (await (await keycloak.admin(`/realms/acme/groups?search=${group}`)).json()) as Named[];
  const found = groups.find(({ name }) => name === group);
  const path = `/realms/acme/users/${await idOf(keycloak, username)}/groups/${found?.id}`;
  await keycloak.admin(path, { method });
}

/** Ends all sessions of a person at Keycloak, as its administrator does. */
export async function endSessionsAtKeycloak({ keycloak }: World, username: string): Promise<void> {
  await keycloak.admin(`/realms/acme/users/${await idOf(keycloak, username)}/logout`, { method: 'POST' });
}

/** Ends the session of a browser at Keycloak on its own page, and goes wherever that leads. */
export function signOutAtKeycloak({ realm }: World, browser: BrowserLess): Promise<Arrival> {
  return walk(browser, `${realm}/protocol/openid-connect/logout`);
}

/** Gives the realm a new key, which signs from now on. */
export async function renewKey({ keycloak }: World): Promise<void> {
  const component = {
    name: 'the next key',
    providerId: 'rsa-generated',
    providerType: 'org.keycloak.keys.KeyProvider',
    config: { priority: ['1000'], keySize: ['2048'] },
  };
  await keycloak.admin('/realms/acme/components', { method: 'POST', body: JSON.stringify(component) });
}

/** Whether a browser is signed in at Gatebook. */
export async function isSignedIn({ gatebook }: World, browser: BrowserLess): Promise<boolean> {
  return (await browser.go(`${gatebook}/me`)).status === 200;
}

/** Events of a type, once there are some that satisfy. @throws with those that there are after ten seconds */
export async function eventsOnce(
  server: StartedServer,
  type: string,
  satisfied: (events: readonly LoggedEvent[]) => boolean,
): Promise<readonly LoggedEvent[]> {
  const path = `/api/v1/events?tenant=acme&limit=200&type=${type}`;
  const { body } = await eventually(
    () => api(server, path),
    ({ body }) => satisfied(body.items ?? []),
  );
  return body.items;
}

interface Named {
  readonly id: string;
  readonly name?: string;
}

async function idOf(keycloak: PrivateKeycloak, username: string): Promise<string> {
  const users = (await (await keycloak.admin(`/realms/acme/users?exact=true&username=${username}`)).json()) as Named[];
  if (users.length !== 1) throw new Error(`Keycloak knows ${users.length} people by the name ${username}.`);
  return (users[0] as Named).id;
}
