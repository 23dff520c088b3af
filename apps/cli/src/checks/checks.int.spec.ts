/** Captured proofs, explained offline: the verdict is the exit code, what the connection makes of the person stands beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { buildSamlResponse, createIdentityProviderKey, type IdentityProviderKey } from '#libs/saml-idp';
import { runCommandLine } from '../command-line.js';

jest.setTimeout(60_000);

const NOW = '2026-03-02T08:00:00Z';
const ACS = 'https://gatebook.example/saml/okta/acs';
const folder = mkdtempSync(join(tmpdir(), 'gatebook-checks-'));
let key: IdentityProviderKey;

beforeAll(async () => {
  key = await createIdentityProviderKey({ commonName: 'idp.example', now: new Date(NOW) });
  write('okta.pem', key.certificatePem);
  write(
    'okta.yaml',
    `- id: okta
  protocol: saml
  directory: staff
  saml: { idpEntityId: "an opaque string", ssoUrl: https://idp.example/sso, certificates: ["file:okta.pem"] }
  attributes: { userName: nameId }
  rules:
    - { id: everyone, when: always, grant: [crm.reader] }
    - { id: admins, when: { group: admins }, grant: [crm.admin] }
`,
  );
  write('response.xml', response());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const write = (name: string, text: string) => writeFileSync(at(name), text);

function response(change: Partial<Parameters<typeof buildSamlResponse>[0]> = {}): string {
  return buildSamlResponse({
    key,
    idpEntityId: 'an opaque string',
    acsUrl: ACS,
    audience: 'https://gatebook.example/saml/okta/metadata',
    requestId: '_request-1',
    responseId: '_response-1',
    assertionId: '_assertion-1',
    nameId: { value: 'ada@acme.example' },
    attributes: [{ name: 'groups', values: ['staff'] }],
    now: new Date(NOW),
    sign: 'assertion',
    ...change,
  });
}

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    env: {},
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    isScreen: false,
  };
  return { code: await runCommandLine(args, terminal), out: out.join(''), err: err.join('') };
}

const samlAt = (instant: string, ...more: string[]) =>
  run('saml', 'check', '--connection', at('okta.yaml'), '--acs', ACS, '--at', instant, ...more);
const saml = (...more: string[]) => samlAt(NOW, ...more);
const SAML_FILE = ['--response', at('response.xml')];

describe('gatebook saml check', () => {
  it('accepts a genuine response, and says what the connection makes of the person', async () => {
    const { code, out } = await saml(...SAML_FILE);
    expect(out).toContain('ok   signature');
    expect(out).toMatch(/^- {4}in-response-to: /m);
    expect(out).toContain('Role       crm.reader, by rule everyone');
    expect(out).toContain('Rule       admins does not match: ');
    expect(out).toMatch(/Accepted\.\n$/);
    expect(code).toBe(0);
  });

  it('takes the base64 of the form field as well', async () => {
    write('response.txt', `${Buffer.from(response()).toString('base64')}\n`);
    expect((await saml('--response', at('response.txt'))).code).toBe(0);
  });

  it('answers everything as JSON', async () => {
    const { out } = await saml(...SAML_FILE, '--json');
    expect(JSON.parse(out)).toMatchObject({
      accepted: true,
      refusal: null,
      identity: { issuer: 'an opaque string', subject: { value: 'ada@acme.example' } },
      mapping: { refusal: null, groups: ['staff'], roles: [{ role: 'crm.reader' }] },
    });
  });

  it('judges the response alone: a person who would be turned away changes no exit code', async () => {
    write('strict.yaml', `${connectionText()}  admission: { requireGroup: [bosses] }\n`);
    const { code, out } = await run(
      ...['saml', 'check', '--connection', at('strict.yaml'), '--acs', ACS, '--at', NOW, ...SAML_FILE],
    );
    expect(out).toContain('Admission  refused: group-required.');
    expect(code).toBe(0);
  });

  it.each<[string, () => string]>([
    ['a response from another issuer', () => response({ idpEntityId: 'another one' })],
    ['a response to somebody else', () => response({ audience: 'https://other.example' })],
    ['one that was changed afterwards', () => response().replace('ada@acme.example', 'eve@acme.example')],
    ['one that is not XML', () => 'not xml at all'],
    ['XML that is no response', () => '<html/>'],
    ['nothing', () => ''],
  ])('refuses %s with exit code 1', async (_what, text) => {
    write('other.xml', text());
    const { code, out } = await saml('--response', at('other.xml'));
    expect(out).toMatch(/Refused: /);
    expect(code).toBe(1);
  });

  it('refuses a genuine response at another time', async () =>
    expect((await samlAt('2099-01-01T00:00:00Z', ...SAML_FILE)).code).toBe(1));

  it.each<[string, () => Promise<{ code: number; err: string }>]>([
    ['a response file that is not there', () => saml('--response', at('absent.xml'))],
    [
      'a connection file that is not there',
      () => run('saml', 'check', ...SAML_FILE, '--connection', at('absent.yaml')),
    ],
    ['a connection file that is none', () => checkWith('protocol: saml\n')],
    ['a connection that speaks otherwise', () => checkWith(OIDC_CONNECTION)],
    ['a certificate that is none', () => checkWith(connectionText().replace('file:okta.pem', 'PEM'))],
    [
      'metadata that would have to be fetched',
      () => checkWith(connectionText().replace(/saml: .*/, 'saml: { metadataUrl: https://idp.example/metadata }')),
    ],
    ['an unknown flag', () => saml(...SAML_FILE, '--colour', 'red')],
    ['a missing flag', () => run('saml', 'check', ...SAML_FILE)],
    ['a time that is none', () => samlAt('yesterday', ...SAML_FILE)],
  ])('cannot decide with %s: exit code 2, and says why', async (_what, check) => {
    const { code, err } = await check();
    expect(err).not.toBe('');
    expect(code).toBe(2);
  });
});

const connectionText = () => `  id: okta
  protocol: saml
  directory: staff
  saml: { idpEntityId: "an opaque string", ssoUrl: https://idp.example/sso, certificates: ["file:okta.pem"] }
  attributes: { userName: nameId }
`;

const OIDC_CONNECTION = `id: entra
protocol: oidc
directory: staff
oidc: { issuer: https://idp.example, clientId: gatebook, clientSecret: "env:GATEBOOK_SECRET_ABSENT" }
attributes: { userName: sub, email: email }
rules: [{ id: everyone, when: always, grant: [crm.reader] }]
`;

function checkWith(text: string) {
  write('broken.yaml', text);
  return run('saml', 'check', ...SAML_FILE, '--connection', at('broken.yaml'), '--acs', ACS, '--at', NOW);
}

describe('gatebook oidc check', () => {
  const seconds = Date.parse(NOW) / 1000;
  let token: (claims?: Record<string, unknown>) => Promise<string>;

  beforeAll(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    write(
      'jwks.json',
      JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] }),
    );
    write('entra.yaml', OIDC_CONNECTION);
    token = (claims = {}) =>
      new SignJWT({
        iss: 'https://idp.example',
        aud: 'gatebook',
        sub: 'ada',
        iat: seconds,
        exp: seconds + 300,
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .sign(privateKey);
  });

  const oidc = (...more: string[]) =>
    run('oidc', 'check', '--token', at('token.jwt'), '--connection', at('entra.yaml'), '--at', NOW, ...more);

  it('accepts a genuine token against the provider’s keys; no secret of the client is needed', async () => {
    write('token.jwt', await token());
    const { code, out } = await oidc('--jwks', at('jwks.json'));
    expect(out).toContain('Role       crm.reader, by rule everyone');
    expect(code).toBe(0);
  });

  it('cannot decide without the keys', async () => {
    write('token.jwt', await token());
    expect((await oidc()).code).toBe(2);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { iss: 'https://other.example' }],
    ['another audience', { aud: 'other' }],
    ['an end that has passed', { exp: seconds - 900 }],
  ])('refuses a token with %s', async (_what, claims) => {
    write('token.jwt', await token(claims));
    const { code, out } = await oidc('--jwks', at('jwks.json'), '--json');
    expect(JSON.parse(out)).toMatchObject({ accepted: false, identity: null, mapping: null });
    expect(code).toBe(1);
  });

  it('refuses what is no token', async () => {
    write('token.jwt', 'not a token');
    expect((await oidc('--jwks', at('jwks.json'))).code).toBe(1);
  });
});
