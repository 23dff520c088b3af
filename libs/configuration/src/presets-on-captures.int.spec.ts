/** Presets over responses that real providers sent: from what they state to a profile and groups, by the verifier and the mapping of sign-ins. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAML_DEFAULTS, type SamlSettings, SamlVerifier, samlIdentityOf } from '#libs/federation';
import { connectionAsWritten, noReferences, previewIdentity, readConnection } from './index.js';

jest.setTimeout(60_000);

const corpora = process.env['TEST_CORPORA'] ?? join(process.cwd(), '../shared/corpora');
const captures = join(corpora, 'saml/captures');
const surroundings = { directories: new Set(['staff']), roles: new Set<string>() };

/** What an administrator of that provider had set up otherwise than the preset's screens say. */
const CASES: readonly (readonly [string, string, object, object])[] = [
  [
    'google_groups_and_attributes',
    'google-saml',
    {},
    {
      identity: {
        subject: 'mgerber@stytchdev.com',
        profile: {
          userName: 'mgerber@stytchdev.com',
          email: 'mgerber@stytchdev.com',
          givenName: 'Max',
          familyName: 'Gerber',
          displayName: 'Max Gerber',
          employeeNumber: null,
        },
      },
      groups: ['Group 1', 'Group 2'],
    },
  ],
  [
    'okta_sp_initiated_groups',
    'okta-saml',
    { subject: 'nameId', groups: { attribute: 'roles' } },
    {
      identity: {
        subject: 'mgerber@berkeley.edu',
        profile: { userName: 'mgerber@berkeley.edu', email: 'mgerber+new@berkeley.edu' },
      },
      groups: ['Group One', 'Group Two'],
    },
  ],
  [
    'okta_sp_initiated_explicit_username',
    'okta-saml',
    { subject: 'nameId' },
    {
      identity: { profile: { userName: 'maxwell_this_is_an_explicit_username', email: 'mgerber+new@berkeley.edu' } },
      groups: null,
    },
  ],
  ['okta_sp_initiated', 'okta-saml', {}, { identity: null, refusal: { code: 'missing-subject' } }],
  [
    'keycloak_sp_initiated',
    'keycloak-saml',
    { groups: { attribute: 'Role' } },
    {
      identity: { subject: 'myuser@stytch.com', profile: { userName: 'myuser@stytch.com' } },
      groups: expect.arrayContaining(['manage-account', 'view-profile']),
    },
  ],
  ['keycloak_sp_initiated', 'keycloak-saml', {}, { identity: { subject: 'myuser@stytch.com' }, groups: [] }],
];

if (existsSync(captures)) {
  const verifier = new SamlVerifier({ threads: 1 });
  afterAll(() => verifier.close());

  describe('what a real provider sent', () => {
    it.each(CASES)('%s, by %s and %j, is understood', async (name, preset, change, expected) => {
      const connection = readConnection(
        { id: 'captured', preset, directory: 'staff', saml: { metadataUrl: 'https://idp.example' }, ...change },
        noReferences,
        { surroundings },
      );
      const { rules: _none, ...settings } = connectionAsWritten(connection);
      const { response, at } = capture(name);
      const { assertion } = await verifier.explain({ settings: settingsFor(response), response, now: new Date(at) });
      if (!assertion) throw new Error(`The capture ${name} was not accepted.`);
      const { subject, claims, evidence, groupsOverage } = samlIdentityOf(assertion);
      const authentication = { context: evidence.authnContext, methods: evidence.amr };
      const previewed = { enabled: true, settings: { ...settings, rules: [] }, ownedDomains: [], liveRoles: null };
      expect(previewIdentity(previewed, { subject, claims, authentication, groupsOverage })).toMatchObject(expected);
    });
  });
} else {
  it(`SKIPPED: ${captures} is absent; set TEST_CORPORA`, () => {
    process.stderr.write(`SKIPPED presets over real responses: ${captures} is absent; set TEST_CORPORA\n`);
  });
}

function capture(name: string): { readonly response: string; readonly at: string } {
  const [description] = globSync(`**/${name}.test.json`, { cwd: captures });
  const folder = join(captures, description ?? '', '..');
  const [response] = globSync('*.xml', { cwd: folder });
  if (!description || !response) throw new Error(`The capture ${name} is missing.`);
  return {
    response: readFileSync(join(folder, response), 'utf8'),
    at: JSON.parse(readFileSync(join(captures, description), 'utf8')).mockTime,
  };
}

/** As its administrator had set the connection up; the response itself says where it was sent. */
function settingsFor(xml: string): SamlSettings {
  const found = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
  const base64 = found(/X509Certificate>([^<]*)</).replace(/&#13;|&#xd;|\s/gi, '');
  return {
    ...SAML_DEFAULTS,
    connection: 'captured',
    idpEntityId: found(/Issuer[^>]*>([^<]+)</),
    spEntityId: found(/Audience>([^<]+)</),
    acsUrl: found(/Destination="([^"]+)"/),
    spSloUrl: '',
    ssoUrl: 'https://idp.example/sso',
    certificates: [`-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`],
    allowIdpInitiated: true,
    requireSigned: 'either',
    clockSkewSeconds: 60,
    maxAssertionAgeSeconds: 300,
  };
}
