/** Real responses of Okta, Google and Keycloak, at the time when they were captured. Each connection is set up as its administrator would. */
import { type CorpusFile, corpusFiles, describeCorpus, pinnedCertificate } from './corpus.fixture.js';
import { SAML_DEFAULTS, type SamlSettings } from './saml-settings.js';
import { type VerificationOutcome, verifyResponse } from './verification.js';

const google = {
  idpEntityId: 'https://accounts.google.com/o/saml2?idpid=C02ji0uvf',
  acsUrl: 'https://775f-75-63-30-121.ngrok.io/callback',
};
const okta = {
  idpEntityId: 'http://www.okta.com/exk2wpjmakQqqs7dN697',
  acsUrl: 'http://localhost:5001/callback',
  spEntityId: 'audience_entity_id',
};
const keycloak = {
  idpEntityId: 'http://localhost:8080/realms/myrealm',
  acsUrl: 'http://localhost:5001/callback',
  spEntityId: 'test-saml',
};
const oktaAtIdp = { idpEntityId: 'hanko.io', acsUrl: 'https://httpbin.org/post', spEntityId: 'example' };
const roles = [
  'offline_access',
  'uma_authorization',
  'view-profile',
  'default-roles-myrealm',
  'manage-account',
  'manage-account-links',
];
const groups = ['Group One', 'Group Two'];
const names = { a: ['Maxwell'], c: ['Gerber'] };

interface Capture {
  readonly connection: Partial<SamlSettings>;
  readonly request: string | null;
  readonly nameId: string;
  readonly claims: Readonly<Record<string, readonly string[]>>;
}

const accepted: Readonly<Record<string, Capture>> = {
  google_groups_and_attributes: {
    connection: { ...google, spEntityId: 'entity_id' },
    request: null,
    nameId: 'mgerber@stytchdev.com',
    claims: {
      employee_id: [],
      org: [],
      type: [],
      first_name: ['Max'],
      last_name: ['Gerber'],
      groups: ['Group 1', 'Group 2'],
    },
  },
  google_sp_initiated: {
    connection: { ...google, spEntityId: 'entity_id' },
    request: '804059652377',
    nameId: 'mgerber@stytchdev.com',
    claims: {},
  },
  google_sp_initiated_response_signed: {
    connection: { ...google, spEntityId: 'entity_id' },
    request: '327163342343',
    nameId: 'mgerber@stytchdev.com',
    claims: {},
  },
  keycloak_idp_initiated: { connection: keycloak, request: null, nameId: 'myuser', claims: { Role: roles } },
  keycloak_sp_initiated: {
    connection: keycloak,
    request: 'SOME_RANDOM_ID',
    nameId: 'myuser@stytch.com',
    claims: { Role: roles },
  },
  okta_idp_initiated: { connection: oktaAtIdp, request: null, nameId: 'mgerber@berkeley.edu', claims: names },
  okta_sp_initiated: { connection: okta, request: 'SOME_RANDOM_ID', nameId: 'mgerber@berkeley.edu', claims: names },
  okta_sp_initiated_explicit_username: {
    connection: okta,
    request: 'SOME_RANDOM_ID',
    nameId: 'maxwell_this_is_an_explicit_username',
    claims: { email: ['mgerber+new@berkeley.edu'] },
  },
  okta_sp_initiated_groups: {
    connection: okta,
    request: 'SOME_RANDOM_ID',
    nameId: 'mgerber@berkeley.edu',
    claims: {
      email: ['mgerber+new@berkeley.edu'],
      roles: groups,
      roles_uri_fmt: groups,
      roles_unspecified_fmt: groups,
    },
  },
};

describeCorpus('saml/captures', 'a captured response', () => {
  it.each(Object.keys(accepted))('%s is accepted at its time and yields its claims', async (name) => {
    const { connection, request, nameId, claims } = accepted[name] as Capture;
    const outcome = await verify(name, connection, request);
    expect(outcome).toMatchObject({
      kind: 'verified',
      assertion: { nameId: { value: nameId }, issuer: connection.idpEntityId },
    });
    expect(outcome.kind === 'verified' && Object.fromEntries(outcome.assertion.attributes)).toEqual(claims);
  });

  it('google_idp_initiated is refused even where that is allowed: its Response is not signed', async () => {
    const outcome = await verify('google_idp_initiated', { ...google, spEntityId: 'test_entity_id' }, null);
    expect(outcome).toMatchObject({
      kind: 'refused',
      refusal: { code: 'unsigned-response', evidence: { initiatedBy: 'idp' } },
    });
  });

  it.each(Object.keys(accepted))('%s is refused an hour later', async (name) => {
    const { connection, request } = accepted[name] as Capture;
    expect(await verify(name, connection, request, 3_600_000)).toMatchObject({ refusal: { code: 'expired' } });
  });

  it.each(Object.keys(accepted))('%s is refused in answer to another request', async (name) => {
    const { connection } = accepted[name] as Capture;
    expect(await verify(name, connection, '_another')).toMatchObject({ refusal: { code: 'in-response-to-mismatch' } });
  });
});

describeCorpus('saml/hostile', 'a hostile twin of a captured response', () => {
  it.each<[string, Partial<SamlSettings>, string | null, string, string]>([
    [
      'error_bad_audience',
      { ...oktaAtIdp, spEntityId: 'INVALID sp_entity_id' },
      null,
      '2022-11-04T03:07:29.794Z',
      'wrong-audience',
    ],
    ['not_after_already_passed', okta, 'SOME_RANDOM_ID', '2022-11-18T22:30:38.917Z', 'expired'],
    ['not_before_already_passed', okta, 'SOME_RANDOM_ID', '2022-11-17T22:00:00.000Z', 'not-yet-valid'],
  ])('%s is refused for its own reason', async (name, connection, request, at, code) => {
    const response = corpusFiles(`saml/hostile/${name}`).at(-1);
    const outcome = await verifyText(response?.text ?? '', connection, request, new Date(at));
    expect(outcome).toMatchObject({ refusal: { code } });
  });
});

function capture(name: string): { response: CorpusFile; at: string } {
  const [description] = corpusFiles('saml/captures', `/${name}.test.json`);
  const folder = description?.path.replace(/[^/]*$/, '') ?? name;
  const [response] = corpusFiles(folder);
  if (!description || !response) throw new Error(`The capture ${name} is missing.`);
  return { response, at: JSON.parse(description.text).mockTime };
}

async function verify(
  name: string,
  connection: Partial<SamlSettings>,
  request: string | null,
  later = 0,
): Promise<VerificationOutcome> {
  const { response, at } = capture(name);
  return verifyText(response.text, connection, request, new Date(Date.parse(at) + later));
}

function verifyText(xml: string, connection: Partial<SamlSettings>, request: string | null, now: Date) {
  const settings: SamlSettings = {
    ...SAML_DEFAULTS,
    connection: 'captured',
    idpEntityId: '',
    spEntityId: '',
    acsUrl: '',
    spSloUrl: '',
    ssoUrl: 'https://idp.example/sso',
    certificates: [pinnedCertificate(xml)],
    allowIdpInitiated: true,
    requireSigned: 'either',
    clockSkewSeconds: 60,
    maxAssertionAgeSeconds: 300,
    ...connection,
  };
  const samlResponse = Buffer.from(xml).toString('base64');
  return verifyResponse({ settings, samlResponse, pendingRequestId: request, now });
}
