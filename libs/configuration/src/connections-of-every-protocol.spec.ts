/** Connections of every protocol: what may be said, what presets fill in, what contradicts itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionSettings } from '#libs/contracts';
import { PRESETS } from '#libs/federation';
import {
  ConfigurationInvalidError,
  type ConnectionConfiguration,
  connectionAsWritten,
  fileReferences,
  noReferences,
  readConfiguration,
  readConnection,
  sealSecrets,
} from './index.js';

const around = (connection: string, more = '') => `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }, { id: partners }]
    roles: [{ id: crm.reader, application: crm, name: Reader }]
    connections:
${connection}
${more}`;

const CONTRACT = `      - id: entra-oidc
        protocol: oidc
        preset: entra-oidc
        directory: staff
        enabled: true
        domains: [acme.example]
        jit: { create: true, update: everySignIn, required: [email] }
        linking: externalId
        oidc: { issuer: https://login.example/v2.0, clientId: gatebook, clientSecret: "env:GATEBOOK_SECRET_ENTRA", scopes: [openid, profile, email] }
        admission: { requireGroup: [employees], requireAuthenticationContext: [mfa], refuse: [{ when: { attribute: employeeType, equals: contractor } }] }
        attributes: { userName: preferred_username, email: email, department: department, employeeType: employee_type }
        groups: { attribute: groups, split: ";", strip: "/" }
        rules: [{ id: eng, when: { group: engineering }, grant: [crm.reader] }]`;

const references = fileReferences(tmpdir(), { GATEBOOK_SECRET_ENTRA: 'hunter2-hunter2' });
const read = (connection: string): ConnectionConfiguration =>
  readConfiguration(around(connection), references).tenants[0]?.connections[0] as ConnectionConfiguration;

const minimal = (change: object = {}) => ({
  id: 'op',
  protocol: 'oidc',
  directory: 'staff',
  oidc: { issuer: 'https://op.example', clientId: 'gatebook', clientSecret: 'secret' },
  attributes: { userName: 'sub', email: 'email' },
  ...change,
});
const surroundings = { directories: new Set(['staff', 'partners']), roles: new Set(['crm.reader']) };
const readValue = (value: object) => readConnection(value, noReferences, { surroundings });
const problemsOf = (value: object): string[] => {
  try {
    readValue(value);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationInvalidError)) throw error;
    return error.problems.map(({ path, problem }) => `${path}: ${problem}`);
  }
};
const vault = {
  fingerprintOf: (tenant: string, value: string) =>
    `hmac:${Buffer.from(`${tenant}/${value}`).toString('hex').padEnd(64, '0').slice(0, 64)}`,
};

describe('the form of a connection that speaks OpenID Connect', () => {
  it('is read as written, with what its preset adds', () => {
    const connection = read(CONTRACT);
    expect(connection.oidc).toMatchObject({ identifyBy: 'oid', clientSecret: 'hunter2-hunter2', userinfo: false });
    expect(connection.attributes).toMatchObject({ userName: 'preferred_username', givenName: 'given_name' });
    expect(connection.groups).toMatchObject({ attribute: 'groups', split: ';', strip: '/', whenMissing: 'unknown' });
    expect(connection.authenticationContexts['mfa']).toContain('mfa');
    expect(connection.admission.refuse).toEqual([
      { id: expect.stringMatching(/^refuse-[0-9a-f]{8}$/), when: { attribute: 'employeeType', equals: 'contractor' } },
    ]);
  });

  it('means the same when it is written out and read again', () => {
    const once = readConfiguration(around(CONTRACT), references);
    expect(readConfiguration(JSON.stringify(once), noReferences)).toEqual(once);
  });

  it('becomes settings that can be recorded, with the secret’s fingerprint in its place', () => {
    const { configuration, secrets } = sealSecrets(readConfiguration(around(CONTRACT), references), vault);
    expect(secrets).toEqual([{ tenant: 'acme', value: 'hunter2-hunter2' }]);
    expect(JSON.stringify(configuration)).not.toContain('hunter2');
    const { rules, ...settings } = connectionAsWritten(configuration.tenants[0]?.connections[0] as never);
    const recorded = { ...settings, rules: rules.map((rule) => ({ ...rule, version: 1 })) };
    expect(connectionSettings.safeParse(recorded).error).toBeUndefined();
  });
});

describe('a preset', () => {
  it.each(PRESETS.map(({ name, protocol }) => [name, protocol] as const))(
    '%s fills in all that a connection needs but what is the customer’s own',
    (name, protocol) => {
      const own = {
        saml: { saml: { metadata: { url: 'https://idp.example/metadata' } } },
        oidc: { oidc: { issuer: 'https://op.example', clientId: 'a', clientSecret: 'b' } },
        oauth2: { oauth2: { clientId: 'a', clientSecret: 'b' } },
      }[protocol];
      const connection = readValue({ id: 'c', preset: name, directory: 'staff', ...own });
      expect(connection.protocol).toBe(protocol);
      expect(connection.attributes['userName']).toBeDefined();
    },
  );

  it('is overridden key by key, and a null takes an attribute out', () => {
    const { attributes, saml } = readValue({
      id: 'c',
      preset: 'okta-saml',
      directory: 'staff',
      saml: { metadataUrl: 'https://idp.example/metadata', requireSigned: 'assertion' },
      attributes: { department: null, email: 'mail' },
    });
    expect([attributes['email'], attributes['department'], attributes['userName']]).toEqual(['mail', null, 'nameId']);
    expect(saml).toMatchObject({
      requireSigned: 'assertion',
      metadata: { url: 'https://idp.example/metadata', refreshEvery: 'P1D' },
    });
  });

  it('that is none is told with those that are, and one of another protocol is refused', () => {
    expect(problemsOf(minimal({ preset: 'yahoo' }))).toEqual([
      expect.stringMatching(/^preset: yahoo is not a preset; there are adfs-saml, entra-oidc/),
    ]);
    expect(problemsOf(minimal({ preset: 'okta-saml' }))).toContain(
      'preset: okta-saml is a preset for saml, and the protocol is oidc',
    );
  });
});

describe('what contradicts itself is refused:', () => {
  it.each<[string, object, string]>([
    [
      'a block of another protocol',
      { saml: { metadataUrl: 'https://a.example' } },
      'saml: has no place here: the protocol is oidc',
    ],
    ['no block of its own', { oidc: undefined }, ': needs oidc: its protocol is oidc'],
    [
      'a secret for a public client',
      { oidc: { ...minimal().oidc, tokenEndpointAuthMethod: 'none' } },
      'oidc.clientSecret: has no place here: the method is none',
    ],
    [
      'no secret',
      { oidc: { issuer: 'https://op.example', clientId: 'a' } },
      'oidc.clientSecret: is missing: the method is client_secret_basic',
    ],
    [
      'all tenants of a provider of many',
      { oidc: { ...minimal().oidc, issuer: 'https://op.example/{tenantid}/v2.0' } },
      'oidc.tenants: must name those that may come in: the issuer is one for all tenants',
    ],
    ['scopes without openid', { oidc: { ...minimal().oidc, scopes: ['email'] } }, 'oidc.scopes: must contain openid'],
    [
      'no signature at all',
      { oidc: { ...minimal().oidc, algorithms: ['none'] } },
      'oidc.algorithms[0]: must be one of RS256',
    ],
    [
      'a shared secret as a key',
      { oidc: { ...minimal().oidc, algorithms: ['HS256'] } },
      'oidc.algorithms[0]: must be one of RS256',
    ],
    [
      'clocks that disagree by an hour',
      { oidc: { ...minimal().oidc, clockSkew: 'PT1H' } },
      'oidc.clockSkew: must be at most PT10M',
    ],
    [
      'metadata beside what it says',
      { protocol: 'saml', oidc: undefined, saml: { metadataUrl: 'https://a.example', ssoUrl: 'https://a.example' } },
      'saml.ssoUrl: has no place beside metadata, which says it',
    ],
    ['a picture that is a script', { logo: 'javascript:alert(1)' }, 'logo: must be a PNG, SVG or WebP picture'],
  ])('%s', (_what, change, problem) => expect(problemsOf(minimal(change)).join('\n')).toContain(problem));
});

describe('expressions and conditions', () => {
  const rule = (when: unknown) => minimal({ rules: [{ id: 'r', when, grant: ['crm.reader'] }] });

  it.each<[string, unknown]>([
    ['a claim', 'email'],
    ['all forms in each other', { firstOf: [{ lower: { trim: 'email' } }, { constant: 'x' }, { template: '{a}@b' }] }],
    ['a split', { split: 'groups', by: ';' }],
    ['a regular expression', { regexp: '^([^@]+)@', of: 'email', take: '$1' }],
  ])('%s is an expression', (_what, email) =>
    expect(problemsOf(minimal({ attributes: { userName: 'sub', email } }))).toEqual([]),
  );

  it.each<[string, unknown, string]>([
    ['code', { js: 'process.exit()' }, 'attributes.email: must be the name of a claim, or one of { constant }'],
    ['two forms at once', { lower: 'a', constant: 'b' }, 'attributes.email.lower: is not a known key here: constant'],
    ['half a form', { regexp: 'a', of: 'email' }, 'attributes.email.take: is missing'],
    ['a broken pattern', { regexp: '(', of: 'email', take: '$0' }, 'attributes.email.regexp: '],
    [
      'nesting beyond five levels',
      { lower: { lower: { lower: { lower: { lower: 'a' } } } } },
      'must not be nested deeper than 5 levels',
    ],
    ['a number', 7, 'attributes.email: must be the name of a claim'],
  ])('%s is none', (_what, email, problem) =>
    expect(problemsOf(minimal({ attributes: { userName: 'sub', email } })).join('\n')).toContain(problem),
  );

  it.each<[string, unknown]>([
    ['always', 'always'],
    [
      'a combination',
      { all: [{ group: 'a' }, { any: [{ domain: 'acme.example' }, { not: { claim: 'x', present: true } }] }] },
    ],
    ['a comparison', { attribute: 'email', matches: '.*@acme[.]example' }],
    ['a way of signing in', { authenticationContext: 'mfa' }],
  ])('%s is a condition', (_what, when) => expect(problemsOf(rule(when))).toEqual([]));

  it.each<[string, unknown, string]>([
    ['a word', 'never', 'rules[0].when: must be always, or one of { group }'],
    ['no comparison', { claim: 'a' }, 'rules[0].when: must have exactly one of equals, in, matches, present'],
    ['two comparisons', { claim: 'a', equals: 'b', present: true }, 'must have exactly one of'],
    [
      'an attribute that is not mapped',
      { attribute: 'department', equals: 'a' },
      'rules[0].when.attribute: department is not an attribute that the connection maps',
    ],
    ['a domain in capitals', { domain: 'Acme.example' }, 'rules[0].when.domain: must be a domain name in lower case'],
    ['an empty choice', { any: [] }, 'rules[0].when.any: must have 1 to 50 entries'],
    [
      'nesting beyond five levels',
      { not: { not: { not: { not: { not: 'always' } } } } },
      'must not be nested deeper than 5 levels',
    ],
    [
      'a condition of many parts',
      { any: Array.from({ length: 50 }, () => ({ all: Array.from({ length: 50 }, () => ({ group: 'a' })) })) },
      'must not have more than 200 parts',
    ],
  ])('%s is none', (_what, when, problem) => expect(problemsOf(rule(when)).join('\n')).toContain(problem));

  it('a rule may set, choose a directory or refuse instead of giving roles, and must do something', () => {
    const rules = [
      { id: 'a', when: 'always', set: { department: { constant: 'Sales' } } },
      { id: 'b', when: 'always', directory: 'partners' },
      { id: 'c', when: { group: 'left' }, refuse: true },
    ];
    expect(problemsOf(minimal({ rules }))).toEqual([]);
    expect(problemsOf(minimal({ rules: [{ id: 'd', when: 'always' }] }))).toEqual([
      'rules[0]: does nothing: it needs one of grant, set, directory, refuse',
    ]);
  });
});

describe('a picture', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatebook-logo-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const logoOf = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    const text = around(
      `      - { id: op, protocol: oidc, directory: staff, logo: "file:${name}", oidc: { issuer: https://op.example, clientId: a, clientSecret: b }, attributes: { userName: sub } }`,
    );
    return readConfiguration(text, fileReferences(folder, {})).tenants[0]?.connections[0]?.logo;
  };
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100)]);

  it('is known by its bytes, whatever its name', () => {
    expect(logoOf('a.png', png)).toBe(`data:image/png;base64,${png.toString('base64')}`);
    expect(logoOf('b.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toMatch(
      /^data:image\/svg\+xml;base64,/,
    );
  });

  it.each<[string, Buffer, string]>([
    ['a page', Buffer.from('<html><script>alert(1)</script></html>'), 'is no picture in PNG, SVG or WebP'],
    ['one that is too large', Buffer.concat([png, Buffer.alloc(32_768)]), 'is not a file of at most 32768 bytes'],
  ])('is not %s', (_what, bytes, problem) => expect(() => logoOf('bad.png', bytes)).toThrow(problem));
});

describe('what tells people of a source apart', () => {
  const oauth2 = (subject: string, more: object = {}) => ({
    id: 'hub',
    preset: 'github-oauth2',
    directory: 'staff',
    oauth2: { clientId: 'a', clientSecret: 'b', subject },
    ...more,
  });
  const attribute = { subject: { attribute: 'email' } };

  it.each<[string, object, string]>([
    ['OpenID Connect', minimal(attribute), 'oidc.identifyBy'],
    ['OAuth 2.0', oauth2('id', attribute), 'oauth2.subject'],
    [
      'assertions',
      minimal({
        ...attribute,
        protocol: 'jwt',
        oidc: null,
        jwt: { issuer: 'a', jwksUri: 'https://a.example', audiences: ['b'] },
      }),
      'by sub',
    ],
  ])('is for %s no claim of one’s choice', (_protocol, connection, instead) => {
    const [problem, ...others] = problemsOf(connection);
    expect(problem).toMatch(/^subject: must be nameId/);
    expect(problem).toContain(instead);
    expect(others).toEqual([]);
  });

  it.each(['email', 'mail', 'login', 'name', 'user.login', 'preferred_username', 'userName', 'upn'])(
    'is nothing that can pass to somebody else, such as %s in a profile',
    (subject) =>
      expect(problemsOf(oauth2(subject))).toEqual([expect.stringMatching(/^oauth2\.subject: .*pass to somebody else/)]),
  );

  it.each(['id', 'sub', 'user.id', 'node_id', 'employeeNumber'])('may be %s in a profile', (subject) =>
    expect(problemsOf(oauth2(subject))).toEqual([]),
  );

  it('may be an attribute where the protocol is SAML', () => {
    const saml = { metadata: { url: 'https://idp.example/metadata' } };
    expect(problemsOf({ id: 's', preset: 'okta-saml', directory: 'staff', saml, ...attribute })).toEqual([]);
  });
});
