/** Upkeep in a running server: nobody asks for it, and everybody can see what it came to. */
import { createIdentityProviderKey } from '#libs/saml-idp';
import {
  configure,
  eventually,
  type ProvisioningServer,
  sampleConfiguration,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';
import { metadataOf, type Publisher, publish } from './upkeep.fixture.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
let server: ProvisioningServer;
let publisher: Publisher;
let certificatePem: string;
beforeAll(async () => {
  ({ certificatePem } = await createIdentityProviderKey({ commonName: 'idp', now: new Date() }));
  publisher = await publish(metadataOf({ certificatePem }));
  server = await startProvisioning(folder.path, { GATEBOOK_EGRESS_ALLOW: '127.0.0.1' });
  const file = JSON.parse(await sampleConfiguration());
  file.tenants[0].connections[0].saml = { metadataUrl: publisher.url };
  await configure(server, JSON.stringify(file));
});
afterAll(async () => {
  await server?.close();
  await publisher?.close();
  folder.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the server answers is compared, never relied on
const json = async (response: Response): Promise<any> => response.json();
const connection = async () => json(await server.ask('/api/v1/connections/okta'));
const refresh = (id: string, key: string) => server.post(`/api/v1/connections/${id}/metadata-refreshes`, {}, key);
const health = async () => (await json(await fetch(`${server.url}/health/ready`))).checks.connections;

it('reads the metadata of a new connection within seconds', async () => {
  await eventually(async () => (await connection()).settings.saml.certificates, [certificatePem]);
  expect(await health()).toEqual({ ready: true });
});

it('refreshes it when somebody asks, and answers what changed', async () => {
  publisher.document = metadataOf({ certificatePem, ssoUrl: 'https://login.example/sso' });
  const answer = await refresh('okta', 'refresh-1');
  expect([answer.status, await json(answer)]).toEqual([
    200,
    {
      result: 'refreshed',
      changes: [{ fact: 'ssoUrl', before: 'https://idp.example/sso', after: 'https://login.example/sso' }],
      refusal: null,
      version: 3,
      positionToken: expect.any(String),
    },
  ]);
  const again = await json(await refresh('okta', 'refresh-2'));
  expect(again).toMatchObject({ result: 'unchanged', changes: [], version: 3 });
});

it('stays ready while metadata cannot be read, and says so with the id of the connection', async () => {
  publisher.document = null;
  expect(await json(await refresh('okta', 'refresh-3'))).toMatchObject({
    result: 'refused',
    refusal: { code: 'metadata-unavailable' },
  });
  await eventually(health, {
    ready: true,
    degraded: true,
    detail: 'okta: metadata cannot be read (metadata-unavailable)',
  });
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
});

it('shows how long certificates last', async () => {
  const figures = await (await fetch(`${server.url}/metrics`)).text();
  const [, seconds] = /^gatebook_certificate_expires_seconds\{connection="okta"\} (\d+)/m.exec(figures) ?? [];
  expect(Number(seconds) / 86_400).toBeCloseTo(3650, 0);
});

it('refuses a refresh of what is not there, and without a key for the repeat', async () => {
  expect((await refresh('entra', 'refresh-4')).status).toBe(404);
  const answer = await server.ask('/api/v1/connections/okta/metadata-refreshes', { method: 'POST' });
  expect([answer.status, (await json(answer)).code]).toEqual([400, 'idempotency-key-required']);
});
