/**
 * The responses that the builder writes are accepted by an independent service provider (node-saml) and by an independent
 * XML signature verifier (xml-crypto), with whatever text they carry; changing anything in them is noticed.
 */
import { SAML as ServiceProvider, ValidateInResponseTo } from '@node-saml/node-saml';
import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { SignedXml } from 'xml-crypto';
import {
  buildSamlResponse,
  createIdentityProviderKey,
  encodeSamlResponse,
  type IdentityProviderKey,
  type SamlResponseSpec,
  XmlCharacterError,
} from './index.js';

const ACS = 'http://localhost:3000/saml/demo/acs';
const AUDIENCE = 'http://localhost:3000/saml/demo/metadata';
const ISSUER = 'http://127.0.0.1:3000/demo-idp/metadata';

let key: IdentityProviderKey;
let stranger: IdentityProviderKey;

beforeAll(async () => {
  const now = new Date('2026-01-01T00:00:00Z');
  key = await createIdentityProviderKey({ commonName: 'Gatebook demo', now });
  stranger = await createIdentityProviderKey({ commonName: 'Someone else', now });
});

function spec(changes: Partial<SamlResponseSpec> = {}): SamlResponseSpec {
  return {
    key,
    idpEntityId: ISSUER,
    acsUrl: ACS,
    audience: AUDIENCE,
    requestId: '_request-1',
    responseId: '_response-1',
    assertionId: '_assertion-1',
    nameId: { value: 'opaque-ada' },
    attributes: [
      { name: 'email', values: ['ada@acme.example'] },
      { name: 'groups', friendlyName: 'Groups', values: ['engineering', 'crm-admins'] },
    ],
    now: new Date(), // node-saml reads the machine's clock
    sessionIndex: '_session-1',
    sign: 'assertion',
    ...changes,
  };
}

function acceptedBy(serviceProvider: Partial<ConstructorParameters<typeof ServiceProvider>[0]>, xml: string) {
  const saml = new ServiceProvider({
    callbackUrl: ACS,
    issuer: AUDIENCE,
    audience: AUDIENCE,
    idpCert: key.certificatePem,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: 0,
    maxAssertionAgeMs: 300_000,
    ...serviceProvider,
  });
  return saml.validatePostResponseAsync({ SAMLResponse: encodeSamlResponse(xml) });
}

describe('a response, read by node-saml', () => {
  it('is accepted with a signed assertion, and says who it is about', async () => {
    const { profile } = await acceptedBy({}, buildSamlResponse(spec()));
    expect(profile).toMatchObject({
      nameID: 'opaque-ada',
      issuer: ISSUER,
      sessionIndex: '_session-1',
      inResponseTo: '_request-1',
      email: 'ada@acme.example',
      groups: ['engineering', 'crm-admins'],
    });
  });

  it('is accepted with a signed response', async () => {
    const { profile } = await acceptedBy(
      { wantAssertionsSigned: false, wantAuthnResponseSigned: true },
      buildSamlResponse(spec({ sign: 'response' })),
    );
    expect(profile?.nameID).toBe('opaque-ada');
  });

  it('is accepted with both signed and both required', async () => {
    const { profile } = await acceptedBy({ wantAuthnResponseSigned: true }, buildSamlResponse(spec({ sign: 'both' })));
    expect(profile?.nameID).toBe('opaque-ada');
  });

  it('is accepted without a request, attributes, session or friendly names', async () => {
    const bare = spec({ requestId: undefined, attributes: [], sign: 'both' });
    const { profile } = await acceptedBy({ wantAuthnResponseSigned: true }, buildSamlResponse(bare));
    expect(profile).not.toHaveProperty('inResponseTo');
  });

  it.each<[string, Partial<SamlResponseSpec>]>([
    ['unsigned', { sign: 'none' }],
    ['for another audience', { audience: 'https://elsewhere.example' }],
    ['expired', { now: new Date('2020-01-01T00:00:00Z') }],
    ['not yet valid', { overrides: { notBefore: new Date('2100-01-01T00:00:00Z') } }],
  ])('is refused when %s', async (_why, changes) => {
    await expect(acceptedBy({}, buildSamlResponse(spec(changes)))).rejects.toThrow();
  });

  it('is refused when another key signed it', async () => {
    await expect(acceptedBy({}, buildSamlResponse(spec({ key: stranger })))).rejects.toThrow('signature');
  });

  it('is refused when changed after signing', async () => {
    const xml = buildSamlResponse(spec()).replace('engineering', 'Engineering');
    await expect(acceptedBy({}, xml)).rejects.toThrow('signature');
  });
});

describe('the text of a response', () => {
  const any = fc.string({ unit: 'binary', maxLength: 24 }).map(withoutWhatXmlCannotCarry);
  const nasty = fc
    .array(
      fc.constantFrom(
        '&',
        '<',
        '>',
        '"',
        "'",
        '\t',
        '\n',
        '\r',
        '\r\n',
        '\u0085',
        '\u2028',
        ']]>',
        '&#x41;',
        'é',
        '🗝️',
        'a',
      ),
    )
    .map((parts) => parts.join(''));
  const value = fc.oneof(any, nasty);

  it('is its own canonical form, whatever the values hold', () => {
    fc.assert(
      fc.property(value, value, value, fc.constantFrom('assertion', 'response', 'both' as const), (a, b, c, sign) => {
        const xml = buildSamlResponse(
          spec({
            nameId: { value: a },
            attributes: [{ name: b, friendlyName: c, values: [a, c] }],
            sign: sign as 'both',
          }),
        );
        expectValidSignatures(xml);
        expect(attributeValues(xml)).toEqual([a, c]);
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  it.each(['\u0000', '\u000b', '\u001f', '\ufffe', '\ud800'])(
    'refuses a character that XML cannot carry (%j)',
    (bad) => {
      expect(() => buildSamlResponse(spec({ nameId: { value: `ada${bad}` } }))).toThrow(XmlCharacterError);
    },
  );

  it('leaves out what the overrides leave out', () => {
    const xml = buildSamlResponse(
      spec({
        overrides: {
          omitConditions: true,
          omitSubjectConfirmation: true,
          inResponseToOnResponse: null,
        },
      }),
    );
    expect(xml).not.toMatch(/Conditions|SubjectConfirmation|InResponseTo/);
  });

  it('tells an attribute without values from an absent one', () => {
    const xml = buildSamlResponse(spec({ attributes: [{ name: 'groups', values: [] }] }));
    expect(xml).toContain(
      'Name="groups" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"></saml:Attribute>',
    );
  });
});

function withoutWhatXmlCannotCarry(value: string): string {
  return value.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}

function expectValidSignatures(xml: string): void {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const signatures = Array.from(document.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature'));
  expect(signatures.length).toBeGreaterThan(0);
  for (const signature of signatures) {
    const verifier = new SignedXml({ publicCert: key.certificatePem });
    verifier.loadSignature(signature as unknown as Node);
    expect(verifier.checkSignature(xml)).toBe(true);
  }
}

function attributeValues(xml: string): (string | null)[] {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  return Array.from(
    document.getElementsByTagNameNS('urn:oasis:names:tc:SAML:2.0:assertion', 'AttributeValue'),
    (found) => found.textContent,
  );
}
