import { postCheck } from './post-check.js';
import { preCheck } from './pre-check.js';
import { SAML_DEFAULTS, type SamlSettings } from './saml-settings.js';
import { verifyResponse } from './verification.js';

/** Enough for the engine to compile what matters; about 150 ms. */
const ROUNDS = 8;
const AT = '2000-01-01T00:00:00Z';
const END = '2000-01-01T00:05:00Z';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

const settings: SamlSettings = {
  ...SAML_DEFAULTS,
  connection: 'warm-up',
  idpEntityId: 'idp',
  ssoUrl: 'https://idp.invalid/',
  certificates: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
  spEntityId: 'sp',
  acsUrl: 'https://sp.invalid/',
  spSloUrl: 'https://sp.invalid/slo',
  allowIdpInitiated: false,
  requireSigned: 'either',
  clockSkewSeconds: 0,
  maxAssertionAgeSeconds: 300,
};

/**
 * Runs the code that a response runs through, so that the first person who signs in does not wait for it to be compiled.
 * The sample's signature is nonsense, so every round ends in a refusal at the last comparison; nothing is ever accepted.
 */
export async function warmUpVerification(): Promise<void> {
  const samlResponse = Buffer.from(sample).toString('base64');
  const expected = { settings, pendingRequestId: '_q', now: new Date(AT) };
  for (let round = 0; round < ROUNDS; round += 1) {
    await verifyResponse({ ...expected, samlResponse });
    const { response, assertion } = preCheck(sample);
    postCheck({ response, assertion, responseSigned: false, evidence }, expected);
  }
}

const evidence = {
  assertionId: '_a',
  responseId: '_r',
  issuer: 'idp',
  nameIdFormat: null,
  sessionIndex: null,
  authnInstant: AT,
  authnContext: null,
  certificateSha256: '',
  assertionSha256: '',
  initiatedBy: 'sp',
} as const;

const attributes = Array.from(
  { length: 20 },
  (_, n) => `<Attribute Name="a${n}"><AttributeValue>${n}</AttributeValue></Attribute>`,
);

const signature = `<Signature xmlns="${XMLDSIG}"><SignedInfo><CanonicalizationMethod Algorithm="${EXCLUSIVE}"/><SignatureMethod
Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="#_a"><Transforms><Transform
Algorithm="${XMLDSIG}enveloped-signature"/><Transform Algorithm="${EXCLUSIVE}"/></Transforms><DigestMethod
Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>AAAA</DigestValue></Reference></SignedInfo>
<SignatureValue>AAAA</SignatureValue></Signature>`;

const sample = `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0"><p:Status><p:StatusCode
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a"
Version="2.0" IssueInstant="${AT}"><Issuer>idp</Issuer>${signature}<Subject><NameID>n</NameID><SubjectConfirmation
Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData Recipient="https://sp.invalid/" NotOnOrAfter="${END}"
InResponseTo="_q"/></SubjectConfirmation></Subject><Conditions NotOnOrAfter="${END}"><AudienceRestriction><Audience>sp</Audience>
</AudienceRestriction></Conditions><AuthnStatement AuthnInstant="${AT}"/><AttributeStatement>${attributes.join('')}
</AttributeStatement></Assertion></p:Response>`;
