import { WHOLE_CONFIGURATION } from './configuration.fixture.js';
import {
  type Configuration,
  ConfigurationInvalidError,
  configurationHash,
  noReferences,
  readConfiguration,
} from './index.js';

const MINIMAL = `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    connections:
      - id: okta
        protocol: saml
        directory: staff
        saml: { idpEntityId: a, ssoUrl: https://idp.example/sso, certificates: [PEM] }
`;

describe('a configuration that uses every key', () => {
  it('is accepted as it stands', () => {
    const { tenants } = read(WHOLE_CONFIGURATION);
    const [okta] = tenants[0]?.connections ?? [];
    expect(tenants[0]?.roles.map(({ id, maxDuration, owner }) => [id, maxDuration, owner])).toEqual([
      ['crm.reader', null, null],
      ['crm.admin', 'PT8H', 'ada@acme.example'],
    ]);
    expect(okta?.groups.names).toEqual({ '8f3c…': 'Engineering' });
    expect(okta?.saml?.certificates[0]).toMatch(/^-----BEGIN CERTIFICATE-----\n.*\n-----END CERTIFICATE-----\n$/s);
    expect(okta?.rules).toEqual([
      { id: 'everyone', when: 'always', grant: ['crm.reader'], set: {}, directory: null, refuse: false },
      { id: 'admins', when: { group: 'crm-admins' }, grant: ['crm.admin'], set: {}, directory: null, refuse: false },
    ]);
  });

  it('may be written as JSON as well', () => {
    const configuration = read(WHOLE_CONFIGURATION);
    expect(read(JSON.stringify(configuration))).toEqual(configuration);
  });
});

describe('what a configuration leaves out', () => {
  it('has the default that denies, asks or forgets', () => {
    const [tenant] = read(MINIMAL).tenants;
    expect(tenant).toMatchObject({
      timeZone: 'UTC',
      session: { idle: 'PT1H', max: 'PT12H' },
      guard: { maxLossPercent: 10 },
      retention: { refusals: 'P90D' },
      reactivation: { restoreWithin: 'P30D' },
      directories: [{ id: 'staff', authority: {} }],
      roles: [],
    });
    expect(tenant?.connections[0]).toMatchObject({
      enabled: true,
      domains: [],
      jit: { create: false, update: 'everySignIn', required: [] },
      linking: 'none',
      subject: 'nameId',
      trustEmail: false,
      saml: { spEntityId: null, allowIdpInitiated: false, requireSigned: 'either', clockSkew: 'PT60S' },
      attributes: { userName: 'nameId' },
      groups: { attribute: 'groups', whenMissing: 'unknown', names: {} },
      rules: [],
    });
  });

  it('is filled in also where its group of keys is there', () => {
    const text = MINIMAL.replace(
      'protocol: saml',
      'protocol: saml\n        groups: { attribute: teams }\n        jit: { create: true }',
    );
    expect(read(text).tenants[0]?.connections[0]).toMatchObject({
      groups: { attribute: 'teams', whenMissing: 'unknown', names: {} },
      jit: { create: true, update: 'everySignIn' },
    });
  });
});

describe('what is wrong is told with its line:', () => {
  it.each<[string, string, string, number, string, string]>([
    ['an unknown key', 'timeZone:', 'timezone:', 4, 'tenants[0].timezone', 'is not a known key'],
    [
      'an unknown key deep inside',
      'whenMissing: unknown',
      'whenAbsent: unknown',
      36,
      'tenants[0].connections[0].groups.whenAbsent',
      'is not a known key',
    ],
    ['another version', 'gatebook/v1', 'gatebook/v2', 1, 'apiVersion', 'must be gatebook/v1'],
    ['a bad id', 'id: crm.reader', 'id: CRM', 11, 'tenants[0].roles[0].id', 'must match [a-z0-9][a-z0-9._-]{0,62}'],
    [
      'a reserved tenant',
      'id: acme',
      'id: installation',
      3,
      'tenants[0].id',
      'is reserved for the installation itself',
    ],
    [
      'a built-in role',
      'id: crm.reader',
      'id: gatebook.admin',
      11,
      'tenants[0].roles[0].id',
      'must not begin with gatebook.: those roles are built in',
    ],
    ['a bad duration', 'idle: PT1H', 'idle: 1h', 5, 'tenants[0].session.idle', 'must be an ISO-8601 duration'],
    ['no duration at all', 'idle: PT1H', 'idle: PT0S', 5, 'tenants[0].session.idle', 'must be an ISO-8601 duration'],
    [
      'a bad time zone',
      'Europe/Berlin',
      'Middle/Earth',
      4,
      'tenants[0].timeZone',
      'must be a time zone such as Europe/Berlin',
    ],
    [
      'a share above all',
      'maxLossPercent: 10',
      'maxLossPercent: 101',
      6,
      'tenants[0].guard.maxLossPercent',
      'must be at most 100',
    ],
    [
      'a word that is no choice',
      'linking: none',
      'linking: email',
      20,
      'tenants[0].connections[0].linking',
      'must be one of none, externalId, verifiedEmail, userName',
    ],
    [
      'text where a list is asked',
      '[{ id: staff }, { id: partners }]',
      'staff',
      9,
      'tenants[0].directories',
      'must be a list',
    ],
    [
      'a text for a switch',
      'enabled: true',
      'enabled: "yes"',
      17,
      'tenants[0].connections[0].enabled',
      'must be true or false',
    ],
    [
      'a strange protocol',
      'protocol: saml',
      'protocol: kerberos',
      15,
      'tenants[0].connections[0].protocol',
      'must be one of saml, oidc, oauth2, jwt',
    ],
    [
      'a domain in capitals',
      'domains: [acme.example]',
      'domains: [Acme.example]',
      18,
      'tenants[0].connections[0].domains[0]',
      'must be a domain name in lower case',
    ],
    [
      'an address that is none',
      'https://acme.okta.com/app/.../sso/saml',
      'acme.okta.com',
      25,
      'tenants[0].connections[0].saml.ssoUrl',
      'must be an address such as https://idp.example/sso',
    ],
    [
      'an address that is no web page',
      'https://acme.okta.com/app/.../sso/saml',
      'javascript:alert(1)',
      25,
      'tenants[0].connections[0].saml.ssoUrl',
      'must be an address such as https://idp.example/sso',
    ],
    [
      'a bad subject',
      'subject: nameId',
      'subject: email',
      21,
      'tenants[0].connections[0].subject',
      'must be nameId, or { attribute',
    ],
    [
      'a bad condition',
      'when: always',
      'when: never',
      38,
      'tenants[0].connections[0].rules[0].when',
      'must be always, or one of { group }, { attribute }',
    ],
    [
      'a rule that gives nothing',
      'grant: [crm.reader]',
      'grant: []',
      38,
      'tenants[0].connections[0].rules[0]',
      'does nothing: it needs one of grant, set, directory, refuse',
    ],
    [
      'a missing userName',
      'userName: nameId, ',
      '',
      35,
      'tenants[0].connections[0].attributes',
      'must map userName: every account needs one',
    ],
    [
      'an unknown directory',
      'directory: staff',
      'directory: guests',
      16,
      'tenants[0].connections[0].directory',
      'guests is not a directory of this tenant',
    ],
    [
      'an unknown role',
      'grant: [crm.reader]',
      'grant: [crm.reader, crm.owner]',
      38,
      'tenants[0].connections[0].rules[0].grant[1]',
      'crm.owner is not a role of this tenant',
    ],
    ['a role twice', 'id: crm.admin', 'id: crm.reader', 12, 'tenants[0].roles[1].id', 'crm.reader is there twice'],
    [
      'a directory twice',
      '{ id: partners }',
      '{ id: staff }',
      9,
      'tenants[0].directories[1].id',
      'staff is there twice',
    ],
    [
      'a rule twice',
      'id: admins',
      'id: everyone',
      39,
      'tenants[0].connections[0].rules[1].id',
      'everyone is there twice',
    ],
    [
      'a key twice',
      'timeZone: Europe/Berlin',
      'timeZone: UTC\n    timeZone: UTC',
      5,
      '',
      'the key timeZone is there twice',
    ],
    ['no YAML', 'directories: [', 'directories: [[', 10, '', 'Flow sequence'],
  ])('%s', (_, good, bad, line, path, problem) => {
    expect(WHOLE_CONFIGURATION).toContain(good);
    const problems = problemsOf(WHOLE_CONFIGURATION.replace(good, bad));
    expect(problems).toContainEqual({ line, path, problem: expect.stringContaining(problem) });
  });

  it('a key that is missing, at the line of what it is missing from', () =>
    expect(problemsOf(MINIMAL.replace('directory: staff\n', '\n'))).toEqual([
      { line: 6, path: 'tenants[0].connections[0].directory', problem: 'is missing' },
    ]));

  it('tenants and connections that are there twice, in one tenant or in two', () => {
    const [head, body = ''] = MINIMAL.split(/(?<=tenants:\n)/);
    const twice = `${head}${body}${body.replace('id: acme', 'id: globex')}${body.replace('id: okta', 'id: entra')}`;
    expect(problemsOf(twice)).toEqual([
      { line: 17, path: 'tenants[2].id', problem: 'acme is there twice' },
      {
        line: 13,
        path: 'tenants[1].connections[0].id',
        problem: 'okta is taken: connection ids are unique in the installation',
      },
    ]);
  });

  it('several things at once', () => {
    const text = WHOLE_CONFIGURATION.replace('idle: PT1H', 'idle: 1h')
      .replace('id: crm.reader', 'id: CRM')
      .replace('risk: high', 'risk: extreme');
    expect(problemsOf(text).map(({ line }) => line)).toEqual([5, 11, 12]);
  });

  it('in words for a person', () => {
    expect(() => read(WHOLE_CONFIGURATION.replace('idle: PT1H', 'idle: 1h'))).toThrow(
      'The configuration is not valid; nothing was applied.\n' +
        '  line 5: tenants[0].session.idle: must be an ISO-8601 duration of weeks, days, hours, minutes or seconds, such as PT8H',
    );
  });
});

describe('a hostile file', () => {
  const attributes = (count: number) =>
    `{ userName: nameId, ${Array.from({ length: count - 1 }, (_, index) => `a${index}: x`).join(', ')} }`;

  it.each([
    ['is empty', ''],
    ['is no map', '- 1'],
    ['holds several documents', `${MINIMAL}---\n${MINIMAL}`],
    ['is too long', ' '.repeat(5_000_001)],
    ['nests without end', `apiVersion: ${'['.repeat(10_000)}`],
    ['has an alias that leads nowhere', 'apiVersion: *nothing'],
    ['has an alias in a circle', 'apiVersion: &a [*a]'],
    [
      'unfolds by aliases',
      'a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c]',
    ],
    [
      'maps more attributes than an event can name',
      MINIMAL.replace('protocol: saml', `protocol: saml\n        attributes: ${attributes(101)}`),
    ],
    [
      'has a duration longer than an event can hold',
      MINIMAL.replace('id: acme', 'id: acme\n    session: { max: P000001W000001DT000001H000001M000001S }'),
    ],
    ['reaches for what every object inherits', `${MINIMAL}__proto__: { polluted: true }\n`],
  ])('that %s is refused', (_, text) => {
    expect(problemsOf(text)).not.toEqual([]);
    expect(problemsOf(text).length).toBeLessThanOrEqual(50);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('may map as many attributes as an event can name', () =>
    expect(() =>
      read(MINIMAL.replace('protocol: saml', `protocol: saml\n        attributes: ${attributes(100)}`)),
    ).not.toThrow());

  it('of many keys is read in time that grows with its length and not with its square', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `g${index}: Group ${index}`).join(', ');
    const text = MINIMAL.replace('protocol: saml', `protocol: saml\n        groups: { names: { ${names} } }`);
    const startedAt = process.cpuUsage().user;
    expect(Object.keys(read(text).tenants[0]?.connections[0]?.groups.names ?? {})).toHaveLength(20_000);
    expect(process.cpuUsage().user - startedAt).toBeLessThan(5_000_000);
  });

  it('is told at most fifty problems', () =>
    expect(problemsOf(MINIMAL + Array.from({ length: 200 }, (_, index) => `k${index}: 1\n`).join(''))).toHaveLength(
      50,
    ));
});

describe('the hash of a configuration', () => {
  it('is the same whatever the order of its keys and the way it is written', () => {
    const configuration = read(WHOLE_CONFIGURATION);
    const turned = JSON.parse(JSON.stringify(configuration), (_, value) =>
      value && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ) as Configuration;
    expect(Object.keys(turned)).not.toEqual(Object.keys(configuration));
    expect(configurationHash(turned)).toBe(configurationHash(configuration));
    expect(configurationHash(configuration)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another one when a value or the order of a list differs', () => {
    const hashes = ['trustEmail: true', 'trustEmail: false'].map((value) =>
      configurationHash(read(WHOLE_CONFIGURATION.replace('trustEmail: true', value))),
    );
    hashes.push(
      configurationHash(
        read(WHOLE_CONFIGURATION.replace('[{ id: staff }, { id: partners }]', '[{ id: partners }, { id: staff }]')),
      ),
    );
    expect(new Set(hashes).size).toBe(3);
  });
});

function read(text: string): Configuration {
  return readConfiguration(text, noReferences);
}

function problemsOf(text: string) {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigurationInvalidError) return error.problems;
    throw error;
  }
  return [];
}
