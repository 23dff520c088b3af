/** Segregation of duties where administrators give roles: refused, with the policy and the roles that stand against it. */
import { policyDecider } from '#libs/domain';
import { decideAndAppend, deriveId } from '#libs/event-store';
import { streamName, system } from '#libs/kernel';
import {
  accountOf,
  configure,
  type ProvisioningServer,
  sampleConfiguration,
  signIn,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
let server: ProvisioningServer;
beforeAll(async () => {
  server = await startProvisioning(folder.path);
  await configure(server, await sampleConfiguration());
  const commandId = '5b0c0a52-6a4e-5c0d-9b0e-2f6d1c3a7e11';
  const policy = streamName({ category: 'policy', tenant: 'acme', id: 'readers-write-not' });
  await decideAndAppend(server.path, policy, policyDecider, {
    type: 'ConfigurePolicy',
    data: {
      policy: 'readers-write-not',
      settings: { kind: 'sod', roles: [['crm.reader'], ['crm.writer']], mode: 'preventive', owner: null },
      enabled: true,
      managedBy: 'api',
      reason: null,
    },
    metadata: {
      tenant: 'acme',
      actor: system('test'),
      commandId,
      commandDigest: '',
      correlationId: commandId,
      now: server.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    },
  });
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

it('a role that conflicts with one that is held is refused, and says with which, by which policy', async () => {
  await signIn(server, 'ada', []);
  const body = { role: 'crm.writer', reason: 'asked for' };
  const refused = await server.post(`/api/v1/accounts/${accountOf('ada')}/grants`, body, 'writer-for-ada');
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    code: 'sod-conflict',
    details: { policies: ['readers-write-not'], held: ['crm.reader'] },
  });
});

it('a role that conflicts with nothing is given', async () => {
  const made = await server.post('/api/v1/accounts', {
    directory: 'staff',
    userName: 'bo@acme.example',
    reason: 'starts on Monday',
  });
  const { id } = (await made.json()) as { id: string };
  const given = await server.post(`/api/v1/accounts/${id}/grants`, { role: 'crm.writer', reason: 'asked for' }, 'w');
  expect([made.status, given.status]).toEqual([201, 201]);
});
