/** A key that may write accounts becomes nobody who may do more: not by a link, a merge or an account made with links, nor does it lock them out. */
import { v5 as uuidv5 } from 'uuid';
import {
  accountOf,
  accountState,
  configure,
  type ProvisioningServer,
  rolesOf,
  sampleConfiguration,
  signIn,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';

jest.setTimeout(60_000);

const ADMINISTRATOR = ['accounts:write', 'connections:write', 'elevations:write', 'reports:write', 'admin'];

const folder = temporaryFolder();
let server: ProvisioningServer;
let helpdesk: string;
let administrator: string;
beforeAll(async () => {
  server = await startProvisioning(folder.path);
  const sample = JSON.parse(await sampleConfiguration({ connections: ['okta', 'entra', 'admins'] }));
  const admins = sample.tenants[0].connections.find(({ id }: { id: string }) => id === 'admins');
  admins.rules = [{ id: 'admins', when: { group: 'admins' }, grant: ['gatebook.admin'] }];
  await configure(server, JSON.stringify(sample));
  helpdesk = await keyFor(['accounts:write']);
  administrator = await keyFor([...ADMINISTRATOR, 'audit:read', 'personal:read']);
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

async function keyFor(scopes: readonly string[]): Promise<string> {
  const body = { name: scopes.join(' '), scopes, tenant: 'acme', expiresAt: '2099-01-01T00:00:00Z', reason: 'test' };
  return ((await (await server.post('/api/v1/keys', body)).json()) as { secret: string }).secret;
}

let asked = 0;
/** @returns status and, of a refusal, its code */
async function ask(secret: string, path: string, body: object): Promise<readonly [number, string?]> {
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    'idempotency-key': uuidv5(`ways-in ${asked++}`, accountOf('ways-in')),
  };
  const init = { method: 'POST', headers, body: JSON.stringify({ reason: 'test', ...body }) };
  const answer = await server.ask(`/api/v1/accounts${path}`, init);
  const { code } = (await answer.json()) as { code?: string };
  return code === undefined ? [answer.status] : [answer.status, code];
}

const EXCEEDED = [403, 'scope-exceeded'];
const into = (person: string, what: 'links' | 'unlink' | 'merge') => `/${accountOf(person)}/${what}`;
const linksOf = async (person: string) => (await accountState(server, person)).state.links;

it('a subject of a connection that makes administrators is linked only by those who may do what they may', async () => {
  await signIn(server, 'mallory', null);
  const toCome = { connection: 'admins', subject: 'an administrator to come' };
  expect(await ask(helpdesk, into('mallory', 'links'), toCome)).toEqual(EXCEEDED);
  expect(await linksOf('mallory')).toHaveLength(1);
  expect(await ask(helpdesk, into('mallory', 'links'), { ...toCome, connection: 'entra' })).toEqual([201]);
  expect(await ask(administrator, into('mallory', 'links'), toCome)).toEqual([201]);
});

it('nor is anybody linked into an account that such a connection leads to, even before it was ever made an administrator', async () => {
  await signIn(server, 'newcomer', null, { connection: 'admins' });
  expect(await rolesOf(server, 'newcomer')).toEqual([]);
  const own = { connection: 'okta', subject: 'the helpdesk' };
  expect(await ask(helpdesk, into('newcomer', 'links'), own)).toEqual(EXCEEDED);
  expect(await ask(administrator, into('newcomer', 'links'), own)).toEqual([201]);
});

it('an account is made with such a link only by those who may do what it leads to', async () => {
  const made = (connection: string) => ({
    directory: 'staff',
    userName: `made-by-${connection}`,
    links: [{ connection, subject: 'made by hand' }],
  });
  expect(await ask(helpdesk, '', made('admins'))).toEqual(EXCEEDED);
  expect(await ask(helpdesk, '', made('okta'))).toEqual([201]);
  expect(await ask(administrator, '', made('admins'))).toEqual([201]);
});

it('a merge takes over the identities of an administrator only for those who may do what both may', async () => {
  await signIn(server, 'victim', ['admins'], { connection: 'admins' });
  await signIn(server, 'thief', null);
  await signIn(server, 'thief-2', null, { connection: 'entra' });
  expect(await rolesOf(server, 'victim')).toEqual(['gatebook.admin']);
  expect(await ask(helpdesk, into('thief', 'merge'), { from: accountOf('victim') })).toEqual(EXCEEDED);
  expect(await ask(helpdesk, `${into('thief', 'merge')}?dryRun=true`, { from: accountOf('victim') })).toEqual(EXCEEDED);
  expect([await linksOf('thief'), await rolesOf(server, 'victim')]).toEqual([
    [{ connection: 'okta', subject: 'thief' }],
    ['gatebook.admin'],
  ]);
  expect(await ask(helpdesk, into('thief', 'merge'), { from: accountOf('thief-2') })).toEqual([200]);
  expect(await ask(administrator, into('thief', 'merge'), { from: accountOf('victim') })).toEqual([200]);
});

it('a role that was given by hand counts in a merge, too, and so it does for unlinking', async () => {
  await signIn(server, 'root', null);
  await signIn(server, 'other', null, { connection: 'entra' });
  await ask(administrator, `/${accountOf('root')}/grants`, { role: 'gatebook.admin' });
  expect(await ask(helpdesk, into('other', 'merge'), { from: accountOf('root') })).toEqual(EXCEEDED);
  const own = { connection: 'okta', subject: 'root' };
  expect(await ask(helpdesk, into('root', 'unlink'), own)).toEqual(EXCEEDED);
  expect(await ask(helpdesk, into('other', 'unlink'), { connection: 'entra', subject: 'other' })).toEqual([200]);
  expect(await ask(administrator, into('root', 'unlink'), own)).toEqual([200]);
});
