/** A review gives a role an end: what its applications were given before, and would outlast that end, is over and must be asked for anew. */
import { randomUUID } from 'node:crypto';
import type { ClientSettings } from '#libs/contracts';
import { accountDecider, clientDecider, roleDecider, termsOf } from '#libs/domain';
import { decideAndAppend } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { type ApplicationGrants, newGrantId } from '#libs/openid-provider';
import { connectionSettings } from '#libs/testing';
import { type GateServer, startGate } from '../gate-server.fixture.js';
import { APPLICATION_GRANTS } from './op.tokens.js';

jest.setTimeout(60_000);

const HOUR_MS = 3_600_000;
const account = randomUUID();
const stream = (category: string, id: string) => streamName({ category, tenant: 'acme', id });
const profile = { userName: 'ada@acme.example', displayName: null, givenName: null, familyName: null, email: null };
const unknown = { externalId: null, employeeNumber: null, employeeType: null, title: null, department: null };
const settingsOf = (application: string): ClientSettings => ({
  name: application,
  tokenEndpointAuthMethod: 'none',
  secretHash: null,
  redirectUris: [`https://${application}.acme.example/callback`],
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  rolesOf: application,
  connections: ['okta'],
  admitWithoutRole: false,
  requireAuthenticationContext: [],
  refresh: true,
});

let gate: GateServer;
let grants: ApplicationGrants;
beforeAll(async () => {
  gate = await startGate();
  grants = gate.app.get<ApplicationGrants>(APPLICATION_GRANTS, { strict: false });
  await gate.connect('okta', connectionSettings());
  await defineWiki();
  for (const client of ['crm', 'wiki']) {
    await decideAndAppend(gate.path, stream('client', client), clientDecider, {
      type: 'ConfigureClient',
      data: { client, settings: settingsOf(client), enabled: true, managedBy: 'config', reason: null },
      metadata: gate.metadata(`client ${client}`),
    });
  }
  await asks({
    type: 'ProvisionByHand',
    data: {
      account,
      directory: 'staff',
      kind: 'person',
      sponsor: null,
      expiresAt: null,
      profile: { ...profile, ...unknown, costCenter: null, manager: null, attributes: {} },
      links: [],
      reason: 'starts on Monday',
    },
  });
});
afterAll(() => gate?.close());

async function defineWiki(): Promise<void> {
  const settings = { application: 'wiki', name: 'Wiki', privileged: false, risk: 'low', maxDuration: null } as const;
  await decideAndAppend(gate.path, stream('role', 'wiki.reader'), roleDecider, {
    type: 'DefineRole',
    data: { role: 'wiki.reader', settings, owner: null, managedBy: 'config', reason: null },
    metadata: gate.metadata('role wiki.reader'),
  });
}

type Command = Parameters<typeof accountDecider.decide>[0];
type Asked = Command extends infer One ? (One extends Command ? Pick<One, 'type' | 'data'> : never) : never;
const asks = (command: Asked) =>
  decideAndAppend(gate.path, stream('account', account), accountDecider, {
    ...command,
    metadata: gate.metadata(JSON.stringify(command)),
  } as Command);

const gives = (role: string) =>
  asks({
    type: 'AssignRole',
    data: { role, maxDurationMs: null, until: null, overrideWithholding: false, sod: [], reason: 'needed' },
  });

const openClients = async () =>
  (await grants.ofAccount({ tenant: 'acme', account })).map(({ client }) => client).sort();

it('ends what was given to the applications of the role before, and nothing else', async () => {
  await gives('crm.reader');
  const { revision } = await gives('wiki.reader');
  for (const client of ['crm', 'wiki']) {
    const grant = { tenant: 'acme', account, client, connection: 'okta', revision, signIn: null };
    await grants.open(
      newGrantId(),
      { ...grant, terms: termsOf(settingsOf(client)) },
      new Date(Date.now() + 8 * HOUR_MS),
    );
  }
  expect(await openClients()).toEqual(['crm', 'wiki']);

  const state = (await asks({ type: 'ExpireLeases', data: {} })).state;
  const grant = [...state.grants.values()].find(({ role }) => role === 'crm.reader')?.id ?? null;
  const until = new Date(Date.now() + HOUR_MS).toISOString();
  await asks({
    type: 'ReduceGrants',
    data: { grant, role: 'crm.reader', until, decision: null, reason: 'until the project ends' },
  });

  const patience = Date.now() + 20_000;
  while ((await openClients()).includes('crm') && Date.now() < patience)
    await new Promise((done) => setTimeout(done, 50));
  expect(await openClients()).toEqual(['wiki']);
});
