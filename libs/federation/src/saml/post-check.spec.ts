/**
 * What a signed answer says is held against the connection, rule by rule. Every document here is validly signed by the connection's
 * identity provider, and differs from an accepted one in one thing.
 */

import { pinnedCertificate } from './saml-keys.js';
import type { SamlRefusalCode } from './saml-refused.error.js';
import type { SamlSettings } from './saml-settings.js';
import {
  ASSERTION_ID,
  IdentityProviderFixture,
  REQUEST_ID,
  RESPONSE_ID,
  type Writing,
} from './signed-response.fixture.js';
import { type VerificationJob, type VerificationOutcome, verifyResponse } from './verification.js';

let idp: IdentityProviderFixture;
beforeAll(async () => {
  idp = await IdentityProviderFixture.create();
});

const verify = (writing: Writing = {}, job: Partial<VerificationJob> = {}) =>
  verifyResponse(idp.job(idp.write(writing), job));
const accepted = { kind: 'verified' };
const refusedAs = (code: SamlRefusalCode) => ({
  kind: 'refused',
  refusal: { code, evidence: { assertionId: ASSERTION_ID } },
});
const at = (seconds: number) => new Date(idp.now.getTime() + seconds * 1000);
const replace = (from: string | RegExp, to: string) => ({ say: (xml: string) => changed(xml, xml.replace(from, to)) });
const changed = (before: string, after: string) => {
  if (before === after) throw new Error('The test changes nothing in the document.');
  return after;
};

describe('a signed answer', () => {
  it('is accepted and says who, by what proof', async () => {
    const outcome = await verify({ spec: { sessionNotOnOrAfter: at(3600) } });
    expect(outcome).toEqual({
      kind: 'verified',
      assertion: {
        assertionId: ASSERTION_ID,
        responseId: RESPONSE_ID,
        issuer: 'https://idp.example/metadata',
        nameId: { value: 'ada', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
        nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        attributes: new Map([
          ['email', ['ada@acme.example']],
          ['groups', ['Engineering', 'crm-admins']],
        ]),
        friendlyNames: new Map(),
        sessionIndex: 's-1',
        authnInstant: '2026-03-01T08:00:00.000Z',
        authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
        sessionNotOnOrAfter: '2026-03-01T09:00:00.000Z',
        notOnOrAfter: '2026-03-01T08:15:00.000Z',
        certificateSha256: pinnedCertificate(idp.key.certificatePem).sha256,
        assertionSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        initiatedBy: 'sp',
      },
    });
  });

  it('is recorded by the digest that its signature states', async () => {
    const xml = idp.write();
    const digest = Buffer.from(/DigestValue>([^<]+)</.exec(xml)?.[1] ?? '', 'base64').toString('hex');
    expect(await verifyResponse(idp.job(xml))).toMatchObject({ assertion: { assertionSha256: digest } });
  });

  it.each(['assertion', 'response', 'both'] as const)('is accepted with %s signed', async (sign) => {
    expect(await verify({ sign })).toMatchObject(accepted);
  });
});

describe('a signed answer is refused', () => {
  it.each<[string, SamlRefusalCode, Writing]>([
    ['of another issuer', 'wrong-issuer', { spec: { overrides: { issuer: 'https://other.example' } } }],
    [
      'in a Response of another issuer',
      'wrong-issuer',
      { spec: { overrides: { responseIssuer: 'https://other.example' } } },
    ],
    [
      'without an issuer',
      'wrong-issuer',
      { sign: 'response', ...replace(/(<saml:Assertion[^>]*>)<saml:Issuer>[^<]*<\/saml:Issuer>/, '$1') },
    ],
    ['for another audience', 'wrong-audience', { spec: { audience: 'https://other.example' } }],
    [
      'for an audience that merely begins like ours',
      'wrong-audience',
      { spec: { audience: 'https://gatebook.example/saml/okta/metadata2' } },
    ],
    ['for no audience', 'wrong-audience', replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '')],
    [
      'for us and, separately, for others',
      'wrong-audience',
      replace(
        '</saml:Conditions>',
        '<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction></saml:Conditions>',
      ),
    ],
    ['for another recipient', 'wrong-recipient', { spec: { overrides: { recipient: 'https://other.example/acs' } } }],
    ['for no recipient', 'wrong-recipient', replace(/ Recipient="[^"]*"/, '')],
    [
      'sent to another destination',
      'wrong-destination',
      { spec: { overrides: { destination: 'https://other.example/acs' } } },
    ],
    ['sent to an empty destination', 'wrong-destination', replace(/ Destination="[^"]*"/, ' Destination=""')],
    ['without conditions', 'missing-conditions', { spec: { overrides: { omitConditions: true } } }],
    [
      'with conditions that never end',
      'missing-conditions',
      replace(/(<saml:Conditions [^>]*) NotOnOrAfter="[^"]*"/, '$1'),
    ],
    [
      'with a condition that we do not understand',
      'unsupported-condition',
      replace('</saml:Conditions>', '<saml:Condition/></saml:Conditions>'),
    ],
    [
      'without a subject confirmation',
      'missing-subject-confirmation',
      { spec: { overrides: { omitSubjectConfirmation: true } } },
    ],
    [
      'confirmed by a key that nobody shows',
      'missing-subject-confirmation',
      { spec: { overrides: { confirmationMethod: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' } } },
    ],
    [
      'with a confirmation that never ends',
      'missing-subject-confirmation',
      replace(/(<saml:SubjectConfirmationData [^>]*)NotOnOrAfter="[^"]*"/, '$1'),
    ],
    [
      'without a statement of authentication',
      'malformed-response',
      replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, ''),
    ],
    [
      'with a time that has no zone',
      'malformed-response',
      replace(/(<saml:Conditions [^>]*NotOnOrAfter="[^"]*)Z"/, '$1"'),
    ],
    ['without a NameID', 'missing-name-id', replace(/<saml:NameID.*<\/saml:NameID>/, '')],
    ['with an empty NameID', 'missing-name-id', { spec: { nameId: { value: ' \n ' } } }],
    ['with a NameID that holds a control character', 'malformed-claim', { spec: { nameId: { value: 'a\u007fda' } } }],
    ['with a NameID longer than 1,024 bytes', 'malformed-claim', { spec: { nameId: { value: 'a'.repeat(1025) } } }],
  ])('%s', async (_, code, writing) => {
    expect(await verify(writing)).toMatchObject(refusedAs(code));
  });

  it('when its time says so, with the tolerance of the connection', async () => {
    expect(await verify({}, { now: at(359) })).toMatchObject(accepted);
    expect(await verify({}, { now: at(360) })).toMatchObject(refusedAs('expired'));
    expect(await verify({ spec: { overrides: { notBefore: at(60) } } })).toMatchObject(accepted);
    expect(await verify({ spec: { overrides: { notBefore: at(61) } } })).toMatchObject(refusedAs('not-yet-valid'));
    expect(await verify({ spec: { overrides: { subjectNotOnOrAfter: at(-60) } } })).toMatchObject(refusedAs('expired'));
    expect(await verify({ spec: { sessionNotOnOrAfter: at(-60) } })).toMatchObject(refusedAs('expired'));
    expect(await verify({ spec: { overrides: { notBefore: at(-900) } } }, { now: at(-61) })).toMatchObject(
      refusedAs('not-yet-valid'),
    );
  });

  it('when it is older than the connection permits, however long it claims to last', async () => {
    const lasting = { spec: { lifetimeSeconds: 86_400 } };
    expect(await verify(lasting, { now: at(359) })).toMatchObject(accepted);
    expect(await verify(lasting, { now: at(360) })).toMatchObject(refusedAs('assertion-too-old'));
  });

  it('but not for white space around its issuer, audience and NameID', async () => {
    const padded = { ...replace(/>(https:[^<]*|ada)</g, '>\n  $1\n<') };
    expect(await verify(padded)).toMatchObject({ kind: 'verified', assertion: { nameId: { value: 'ada' } } });
  });

  it('but not when one of several confirmations is for us', async () => {
    const other =
      '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="https://other.example" NotOnOrAfter="2026-03-01T08:05:00Z"/></saml:SubjectConfirmation>';
    expect(await verify(replace('<saml:SubjectConfirmation ', `${other}<saml:SubjectConfirmation `))).toMatchObject(
      accepted,
    );
  });
});

describe('an answer to a request', () => {
  const saying = (onResponse: string | null, onSubject: string | null): Writing['spec'] => ({
    overrides: { inResponseToOnResponse: onResponse, inResponseToOnSubject: onSubject },
  });

  it.each<[string, string | null, string | null, 'assertion' | 'response', boolean]>([
    ['names it under the signature of the assertion', null, REQUEST_ID, 'assertion', true],
    ['names it under the signature of the response', REQUEST_ID, null, 'response', true],
    ['names it only where nothing is signed', REQUEST_ID, null, 'assertion', false],
    ['names it nowhere', null, null, 'response', false],
    ['names another on the response', '_another', REQUEST_ID, 'assertion', false],
    ['names another on the subject', REQUEST_ID, '_another', 'response', false],
  ])('%s', async (_, onResponse, onSubject, sign, good) => {
    const outcome = await verify({ spec: saying(onResponse, onSubject), sign });
    expect(outcome).toMatchObject(good ? accepted : refusedAs('in-response-to-mismatch'));
  });

  it('is refused when this browser has no request open', async () => {
    const settings = idp.settings({ allowIdpInitiated: true });
    expect(await verify({ sign: 'response' }, { settings, pendingRequestId: null })).toMatchObject(
      refusedAs('in-response-to-mismatch'),
    );
  });
});

describe('an answer that nobody asked for', () => {
  const unasked = (settings: Partial<SamlSettings>, sign: Writing['sign']): Promise<VerificationOutcome> =>
    verify(
      { spec: { requestId: undefined }, ...(sign && { sign }) },
      { settings: idp.settings(settings), pendingRequestId: null },
    );

  it('is refused unless the connection allows it', async () => {
    expect(await unasked({}, 'response')).toMatchObject(refusedAs('idp-initiated-not-allowed'));
  });

  it('is refused when only its assertion is signed: a stolen one could be wrapped anew', async () => {
    expect(await unasked({ allowIdpInitiated: true }, 'assertion')).toMatchObject(refusedAs('unsigned-response'));
  });

  it.each(['response', 'both'] as const)('is accepted where allowed, with %s signed', async (sign) => {
    const outcome = await unasked({ allowIdpInitiated: true }, sign);
    expect(outcome).toMatchObject({ kind: 'verified', assertion: { initiatedBy: 'idp' } });
  });
});
