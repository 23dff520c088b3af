import { installation } from '#libs/testing';
import { ephemeralKeyring, type SecretValues, secretValues } from '#libs/vault';
import { sealSecrets } from './connection-secrets.js';
import { configurationHash, readConfiguration } from './index.js';
import { configurationWith } from './policies/policies.fixture.js';

const SECRET = 'a-secret-of-some-length';
const references = { resolve: () => SECRET };
const vault: Pick<SecretValues, 'fingerprintOf'> = secretValues({ keyring: ephemeralKeyring() } as never);
const NONE = '      []\n';
const read = (policies: string, tenant = '') => readConfiguration(configurationWith(policies, tenant), references);

describe('what governs a tenant beside policies', () => {
  const TENANT = `    changeApproval: { connections: 1, privilegedRoles: 2 }
    notices: { webhook: { url: https://hooks.acme.example/gatebook, secret: "env:GATEBOOK_SECRET_HOOK" } }
`;
  const sealed = (tenant: string) => sealSecrets(read(NONE, tenant), vault);

  it('has defaults that ask nobody and tell nobody', () =>
    expect(read(NONE).tenants[0]).toMatchObject({
      changeApproval: { connections: 0, rules: 0, policies: 0, privilegedRoles: 0 },
      notices: { webhook: null },
    }));

  it('becomes settings of the tenant, without the secret', async () => {
    const { configuration, secrets } = sealed(TENANT);
    const place = installation();
    const plan = await place.plan(configuration);
    await place.carryOut(plan);
    const settings = (await place.catalog()).tenant('acme')?.settings;
    expect(settings).toMatchObject({
      applications: [
        { id: 'crm', name: 'crm', owner: 'ada@acme.example' },
        { id: 'wiki', name: 'The wiki', owner: null },
      ],
      changeApproval: { connections: 1, rules: 0, policies: 0, privilegedRoles: 2 },
      notices: { webhook: { secret: expect.stringMatching(/^hmac:[0-9a-f]{64}$/) } },
    });
    expect(secrets).toEqual([{ tenant: 'acme', value: SECRET }]);
    expect(JSON.stringify([configuration, plan])).not.toContain(SECRET);
    expect(await place.plan(configuration)).toEqual([]);
  });

  it('is hashed by the fingerprint of the secret, which stays what it is', () => {
    const { configuration } = sealed(TENANT);
    expect(configurationHash(configuration)).not.toBe(configurationHash(read(NONE, TENANT)));
    const again = sealSecrets(configuration, vault);
    expect([again.configuration, again.secrets, again.named.length]).toEqual([configuration, [], 1]);
  });

  it.each([
    [
      'an application there twice',
      'applications: [{ id: crm, owner: ada@acme.example }, { id: wiki',
      'applications: [{ id: crm }, { id: crm',
      /applications\[1\]\.id: crm is there twice/,
    ],
    [
      'more approvals than there are people',
      'timeZone: Europe/Berlin',
      'changeApproval: { rules: 6 }',
      /must be at most 5/,
    ],
    [
      'a receiver without a secret',
      'timeZone: Europe/Berlin',
      'notices: { webhook: { url: https://hooks.acme.example } }',
      /secret: is missing/,
    ],
    [
      'a receiver that is no address',
      'timeZone: Europe/Berlin',
      'notices: { webhook: { url: hooks, secret: x } }',
      /must be an address/,
    ],
  ])('is refused for %s', (_what, from, to, problem) =>
    expect(() => readConfiguration(configurationWith(NONE).replace(from, to), references)).toThrow(problem),
  );
});
