import { installation } from '#libs/testing';
import { ephemeralKeyring, type SecretValues, secretValues } from '#libs/vault';
import { WHOLE_CONFIGURATION } from './configuration.fixture.js';
import { sealSecrets } from './connection-secrets.js';
import { type Configuration, ConfigurationInvalidError, configurationHash, readConfiguration } from './index.js';

const SECRET = 'a-secret-of-some-length';
const CRM = `{ clientId: crm, tokenEndpointAuthMethod: client_secret_basic, clientSecret: "env:GATEBOOK_SECRET_CRM", redirectUris: [https://crm.acme.example/callback], postLogoutRedirectUris: [https://crm.acme.example/], backchannelLogoutUri: https://crm.acme.example/bcl, rolesOf: crm, connections: [okta] }`;
const references = { resolve: () => SECRET };
const vault: Pick<SecretValues, 'fingerprintOf'> = secretValues({ keyring: ephemeralKeyring() } as never);

const text = (...clients: readonly string[]) =>
  `${WHOLE_CONFIGURATION}    clients:\n${clients.map((client) => `      - ${client}\n`).join('')}`;
const read = (...clients: readonly string[]): Configuration => readConfiguration(text(...clients), references);
const sealed = (...clients: readonly string[]) => sealSecrets(read(...clients), vault).configuration;
const problems = (...clients: readonly string[]): string[] => {
  try {
    read(...clients);
    return [];
  } catch (error) {
    return (error as ConfigurationInvalidError).problems.map(({ path, problem }) => `${path}: ${problem}`);
  }
};

describe('clients in a configuration', () => {
  it('are read as written, defaults filled in', () =>
    expect(read(CRM).tenants[0]?.clients[0]).toMatchObject({
      clientId: 'crm',
      enabled: true,
      clientSecret: SECRET,
      admitWithoutRole: false,
      requireAuthenticationContext: [],
      refresh: true,
    }));

  it('become facts that hold no secret, once', async () => {
    const place = installation();
    const plan = await place.plan(sealed(CRM));
    expect(plan.map(({ action, kind, id }) => `${action} ${kind} ${id}`).at(-1)).toBe('create client crm');
    await place.carryOut(plan);
    const settings = (await place.catalog()).client('crm')?.settings;
    expect(settings).toMatchObject({ name: 'crm', secretHash: expect.stringMatching(/^hmac:[0-9a-f]{64}$/) });
    expect(JSON.stringify([plan, settings])).not.toContain(SECRET);
    expect(await place.plan(sealed(CRM))).toEqual([]);
  });

  it('are hashed by what is kept of their secrets', () => {
    expect(configurationHash(sealed(CRM))).toBe(configurationHash(sealed(CRM)));
    expect(configurationHash(sealed(CRM))).not.toBe(configurationHash(read(CRM)));
  });

  it('that change, leave or are pruned say so', async () => {
    const place = installation();
    await place.carryOut(await place.plan(sealed(CRM)));
    const short = async (configuration: Configuration, prune = false) =>
      (await place.plan(configuration, { prune })).map(({ action, id, changed }) => [action, id, changed]);
    expect(await short(sealed(CRM.replace('/callback', '/other')))).toEqual([['change', 'crm', ['redirectUris']]]);
    expect(await short(sealed(CRM.replace('{ clientId', '{ enabled: false, clientId')))).toEqual([
      ['disable', 'crm', ['enabled']],
    ]);
    const without = sealSecrets(readConfiguration(WHOLE_CONFIGURATION, references), vault).configuration;
    expect(await short(without)).toEqual([['disable', 'crm', ['enabled']]]);
    expect(await short(without, true)).toEqual([['remove', 'crm', []]]);
  });

  it.each([
    ['two of one id', [CRM, CRM], /crm is taken/],
    ['an unknown connection', [CRM.replace('[okta]', '[entra]')], /entra is not a connection of this tenant/],
    ['an application without roles', [CRM.replace('rolesOf: crm', 'rolesOf: wiki')], /nobody could come in/],
    ['a missing secret', [CRM.replace('clientSecret: "env:GATEBOOK_SECRET_CRM", ', '')], /clientSecret: is missing/],
    ['a secret of a public one', [CRM.replace('client_secret_basic', 'none')], /must be left out/],
    ['a wildcard', [CRM.replace('/callback', '/*')], /must be an https address/],
    ['a fragment', [CRM.replace('/callback', '/callback#here')], /must be an https address/],
    [
      'an address in clear',
      [CRM.replace('https://crm.acme.example/callback', 'http://crm.acme.example/callback')],
      /must be an https/,
    ],
    ['a script', [CRM.replace('https://crm.acme.example/callback', '"javascript:alert(1)"')], /must be an https/],
    ['an unknown key', [CRM.replace('{ clientId', '{ trusted: true, clientId')], /not a known key/],
  ])('are refused for %s', (_what, clients, problem) =>
    expect(problems(...clients)).toEqual([expect.stringMatching(problem)]),
  );

  it('may be on this machine without TLS, and let everybody in where they say so', () => {
    expect(problems(CRM.replace('https://crm.acme.example/callback', 'http://localhost:4000/callback'))).toEqual([]);
    expect(problems(CRM.replace('rolesOf: crm', 'rolesOf: wiki, admitWithoutRole: true'))).toEqual([]);
  });
});
