import type { SamlRefusalCode } from './saml-refused.error.js';
import type { SamlSettings } from './saml-settings.js';
import {
  ASSERTION_ID,
  type IdentityProviderFixture,
  REQUEST_ID,
  signElement,
  type Writing,
} from './signed-response.fixture.js';
import { WRAPPINGS } from './wrapping.fixture.js';

/** One way in that must be shut, beside the honest document that it starts from. */
export interface Attack {
  readonly name: string;
  /** The code of the refusal; several where what refuses it first is of no matter. */
  readonly code: readonly SamlRefusalCode[];
  readonly honest: Writing;
  readonly attack: Writing;
  readonly settings?: Partial<SamlSettings>;
  /** Request that the attacked browser waits for; default: the one that the honest response answers. */
  readonly pending?: string | null;
  /** The honest twin's, where the attacker brings a response into a browser of another state. */
  readonly honestPending?: string | null;
}

type Fixture = IdentityProviderFixture;
type Change = (xml: string) => string;

const forged = (name: string, code: SamlRefusalCode, forge: Change, honest: Writing = {}): Attack => ({
  name,
  code: [code],
  honest,
  attack: { ...honest, forge },
});
const said = (name: string, code: SamlRefusalCode, attack: Writing, honest: Writing = {}): Attack => ({
  name,
  code: [code],
  honest,
  attack: { ...honest, ...attack },
});
const without =
  (pattern: RegExp): Change =>
  (xml) =>
    xml.replace(pattern, '');

/** A document that is built to confuse a parser or to cost time. */
const hostile: readonly Attack[] = [
  forged('a comment inside the NameID', 'hostile-xml', (xml) => xml.replace('>ada<', '>ada<!-- -->.evil<')),
  forged('an empty comment inside the NameID', 'hostile-xml', (xml) => xml.replace('>ada<', '>ada<!---->.evil<')),
  forged('a comment inside a value', 'hostile-xml', (xml) => xml.replace('>crm-admins<', '>crm-<!-- -->admins<')),
  forged('a processing instruction inside the NameID', 'hostile-xml', (xml) => xml.replace('>ada<', '>a<?x da?><')),
  forged('a processing instruction inside a value', 'hostile-xml', (xml) =>
    xml.replace('>crm-admins<', '>crm<?x -admins?><'),
  ),
  forged('CDATA around the NameID', 'hostile-xml', (xml) => xml.replace('>ada<', '><![CDATA[ada]]><')),
  said('a comment that the identity provider signed', 'hostile-xml', {
    say: (xml) => xml.replace('>ada<', '>ada<!-- -->.evil<'),
  }),
  forged('a DOCTYPE', 'hostile-xml', (xml) => xml.replace(/^(<\?xml.*?\?>)?/, '<!DOCTYPE a>')),
  forged('an external entity', 'hostile-xml', (xml) =>
    xml.replace(/^(<\?xml.*?\?>)?/, '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>').replace('>ada<', '>&e;<'),
  ),
  forged('entities of entities', 'hostile-xml', (xml) =>
    xml
      .replace(/^(<\?xml.*?\?>)?/, '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>')
      .replace('>ada<', '>&b;<'),
  ),
  forged('an entity that nobody declared', 'malformed-response', (xml) => xml.replace('>ada<', '>a&e;da<')),
  forged('two elements with one id', 'hostile-xml', (xml) =>
    xml.replace('<samlp:Status>', `<samlp:Status ID="${ASSERTION_ID}">`),
  ),
  forged('two elements with one id in two attributes', 'hostile-xml', (xml) =>
    xml.replace('<samlp:Status>', `<samlp:Status xml:id="${ASSERTION_ID}">`),
  ),
  forged('two assertions', 'hostile-xml', (xml) =>
    xml.replace(/<saml:Assertion.*<\/saml:Assertion>/s, (one) => `${one}${one.replaceAll(ASSERTION_ID, '_another')}`),
  ),
  forged('20,000 empty elements', 'hostile-xml', (xml) =>
    xml.replace('<samlp:Status>', `<samlp:Status>${'<a/>'.repeat(20_000)}`),
  ),
  forged('10,000 levels', 'hostile-xml', (xml) =>
    xml.replace('<samlp:Status>', `<samlp:Status>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`),
  ),
  forged('5,000 attributes on one element', 'hostile-xml', (xml) =>
    xml.replace('<samlp:Status>', `<samlp:Status ${Array.from({ length: 5_000 }, (_, n) => `a${n}=""`).join(' ')}>`),
  ),
  forged('300 kB', 'too-large', (xml) => xml.replace('<samlp:Status>', `<samlp:Status>${' '.repeat(300_000)}`)),
];

/** A signature that covers something else than what is read. */
const wrappings: readonly Attack[] = WRAPPINGS.map(
  ([name, sign, forge]): Attack => ({
    name: `wrapping ${name}`,
    code: ['hostile-xml', 'invalid-signature'],
    honest: { sign },
    attack: { sign, forge },
  }),
);

/** Signatures that are missing, foreign, or over other values. */
const keysAndValues = (idp: Fixture): readonly Attack[] => [
  said('no signature', 'invalid-signature', { sign: 'none' }),
  forged('the signature taken away', 'invalid-signature', without(/<ds:Signature.*<\/ds:Signature>/s)),
  said("a stranger's key, with its certificate in KeyInfo", 'invalid-signature', { key: idp.stranger }),
  said("a stranger's key under the trusted certificate's name", 'invalid-signature', {
    key: idp.stranger,
    forge: (xml) => xml.replace(base64(idp.stranger), base64(idp.key)),
  }),
  forged('a changed NameID', 'invalid-signature', (xml) => xml.replace('>ada<', '>eve<')),
  forged('a changed group', 'invalid-signature', (xml) => xml.replace('crm-admins', 'crm-owners')),
  forged('a changed audience', 'invalid-signature', (xml) =>
    xml.replace(/Audience>[^<]*</, 'Audience>https://other.example<'),
  ),
  forged('a changed end', 'invalid-signature', (xml) =>
    xml.replace(/(<saml:Conditions [^>]*NotOnOrAfter=")2026/, '$12036'),
  ),
  forged('a signature value from elsewhere', 'invalid-signature', (xml) =>
    xml.replace(
      /(SignatureValue>)[^<]*/,
      (_, tag) =>
        `${tag}${signatureValueIn(signElement(idp.write({ sign: 'none', spec: { assertionId: '_x' } }), 'assertion', idp.key))}`,
    ),
  ),
  forged('two signature values', 'hostile-xml', (xml) =>
    xml.replace(/<ds:SignatureValue>[^<]*<\/ds:SignatureValue>/, '$&$&'),
  ),
];

/** Algorithms that are weak or do more than is needed, references to something else, and too few signatures. */
const algorithmsAndReferences: readonly Attack[] = [
  forged('SHA-1 for the signature', 'unsupported-algorithm', (xml) =>
    xml.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'),
  ),
  forged('SHA-1 for the digest', 'unsupported-algorithm', (xml) =>
    xml.replace('http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2000/09/xmldsig#sha1'),
  ),
  forged('HMAC with the certificate as its secret', 'unsupported-algorithm', (xml) =>
    xml.replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'),
  ),
  forged('XSLT as transform', 'unsupported-algorithm', (xml) =>
    xml.replace('http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/TR/1999/REC-xslt-19991116'),
  ),
  forged('XPath as transform', 'unsupported-algorithm', (xml) =>
    xml.replace(
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/TR/1999/REC-xpath-19991116',
    ),
  ),
  forged('inclusive canonical form', 'unsupported-algorithm', (xml) =>
    xml.replace('http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'),
  ),
  forged('a reference to the whole document', 'invalid-signature', (xml) =>
    xml.replace(`URI="#${ASSERTION_ID}"`, 'URI=""'),
  ),
  said('a reference to another id of the same element', 'invalid-signature', {
    say: (xml) => xml.replace('<saml:Assertion ', '<saml:Assertion Id="_other" '),
  }),
  forged('a reference to a file', 'invalid-signature', (xml) =>
    xml.replace(`URI="#${ASSERTION_ID}"`, 'URI="file:///etc/passwd"'),
  ),
  forged('a reference that is a query', 'invalid-signature', (xml) =>
    xml.replace(`URI="#${ASSERTION_ID}"`, `URI="#x' or '1'='1"`),
  ),
  {
    ...said(
      'only the assertion signed where the response should be',
      'unsigned-response',
      { sign: 'assertion' },
      { sign: 'both' },
    ),
    settings: { requireSigned: 'both' },
  },
  {
    ...said(
      'only the response signed where the assertion should be',
      'invalid-signature',
      { sign: 'response' },
      { sign: 'both' },
    ),
    settings: { requireSigned: 'both' },
  },
];

/** Signed by the identity provider, and still not for us, not now, or not about this request. */
const content: readonly Attack[] = [
  said('another issuer', 'wrong-issuer', { spec: { overrides: { issuer: 'https://other.example' } } }),
  said(
    'no issuer',
    'wrong-issuer',
    { sign: 'response', say: without(/(?<=<saml:Assertion[^>]*>)<saml:Issuer>[^<]*<\/saml:Issuer>/) },
    { sign: 'response' },
  ),
  said('another recipient', 'wrong-recipient', { spec: { overrides: { recipient: 'https://other.example/acs' } } }),
  said('no recipient', 'wrong-recipient', { say: without(/ Recipient="[^"]*"/) }),
  said('another destination', 'wrong-destination', {
    spec: { overrides: { destination: 'https://other.example/acs' } },
  }),
  said('an empty destination', 'wrong-destination', {
    say: (xml) => xml.replace(/ Destination="[^"]*"/, ' Destination=""'),
  }),
  said('another audience', 'wrong-audience', { spec: { audience: 'https://other.example' } }),
  said('no audience', 'wrong-audience', { say: without(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/) }),
  said('no conditions', 'missing-conditions', { spec: { overrides: { omitConditions: true } } }),
  said('conditions without an end', 'missing-conditions', {
    say: without(/(?<=<saml:Conditions [^>]*) NotOnOrAfter="[^"]*"/),
  }),
  said('a condition that nobody knows', 'unsupported-condition', {
    say: (xml) => xml.replace('</saml:Conditions>', '<saml:Condition/></saml:Conditions>'),
  }),
  said('no subject confirmation', 'missing-subject-confirmation', {
    spec: { overrides: { omitSubjectConfirmation: true } },
  }),
  said('a confirmation by a key', 'missing-subject-confirmation', {
    spec: { overrides: { confirmationMethod: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' } },
  }),
  said('a confirmation that has ended', 'expired', {
    spec: { overrides: { subjectNotOnOrAfter: new Date('2026-03-01T07:00:00Z') } },
  }),
  said('an end in the past', 'expired', { spec: { overrides: { notOnOrAfter: new Date('2026-03-01T07:00:00Z') } } }),
  said('a beginning in the future', 'not-yet-valid', {
    spec: { overrides: { notBefore: new Date('2026-03-01T09:00:00Z') } },
  }),
  said('a status that is no success', 'status-not-success', {
    spec: { overrides: { statusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' } },
  }),
  said('no name', 'missing-name-id', { spec: { nameId: { value: ' ' } } }),
  said('a name with a control character', 'malformed-claim', { spec: { nameId: { value: 'a\u007fda' } } }),
];

/** A good assertion of somebody else's sign-in, brought here. */
const stolen: readonly Attack[] = [
  said('an answer to another request', 'in-response-to-mismatch', {
    spec: { requestId: '_request-of-another-browser' },
  }),
  forged(
    'a stolen assertion in a response of the attacker, with the request of this browser',
    'in-response-to-mismatch',
    (xml) => xml.replace(/(<samlp:Response[^>]* InResponseTo=")[^"]*/, '$1_request-of-this-browser'),
  ),
  {
    ...said('a stolen unasked assertion in such a response', 'in-response-to-mismatch', {
      spec: { requestId: undefined },
      forge: asked(REQUEST_ID),
    }),
    settings: { allowIdpInitiated: true },
  },
  said('an answer whose request stands only where nothing is signed', 'in-response-to-mismatch', {
    spec: { overrides: { inResponseToOnSubject: null } },
  }),
  said('the same, taken off there', 'in-response-to-mismatch', {
    spec: { overrides: { inResponseToOnSubject: null } },
    forge: without(/ InResponseTo="[^"]*"/),
  }),
  {
    ...forged(
      'an answer whose request is taken off, in a browser that asked for nothing',
      'in-response-to-mismatch',
      without(/ InResponseTo="[^"]*"/),
    ),
    settings: { allowIdpInitiated: true },
    pending: null,
    honestPending: REQUEST_ID,
  },
  {
    ...said('a response that nobody asked for, where that is not allowed', 'idp-initiated-not-allowed', {
      sign: 'response',
      spec: { requestId: undefined },
    }),
    pending: null,
    honestPending: REQUEST_ID,
  },
  {
    ...said(
      'an unasked assertion wrapped anew: only a signed response can come unasked',
      'unsigned-response',
      { sign: 'assertion', spec: { requestId: undefined } },
      { sign: 'response', spec: { requestId: undefined } },
    ),
    settings: { allowIdpInitiated: true },
    pending: null,
    honestPending: null,
  },
];

function asked(id: string): Change {
  return (xml) => xml.replace('<samlp:Response ', `<samlp:Response InResponseTo="${id}" `);
}

/** Everything that must not come in. */
export function attacks(idp: Fixture): readonly Attack[] {
  return [...hostile, ...wrappings, ...keysAndValues(idp), ...algorithmsAndReferences, ...content, ...stolen];
}

const base64 = ({ certificatePem }: Fixture['key']) => certificatePem.replace(/-----[^-]+-----|\s/g, '');
const signatureValueIn = (xml: string) => /SignatureValue>([^<]*)</.exec(xml)?.[1] ?? '';
