import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { noRequestCache } from './no-request-cache.js';
import type { ResponseOutline } from './pre-check.js';
import { demand, Refusal } from './saml-refused.error.js';
import {
  type PinnedCertificate,
  pinnedCertificate,
  type RequiredSignature,
  type SamlSettings,
} from './saml-settings.js';
import { childrenOf, SIGNATURE } from './saml-xml.js';

/** The octets that a valid signature covers, and who made it. */
export interface SignedOctets {
  /** The canonical Response if that is signed, else the canonical Assertion. The only source of anything about a person. */
  readonly xml: string;
  readonly certificateSha256: string;
}

/**
 * node-saml as far as Gatebook relies on it: signatures, references and the defences against wrapping.
 * It hands out the canonical octets that it verified, as they are; what they say (issuer, audience, times, subject) is judged by
 * `postCheck`, which knows more rules and takes the time from the caller.
 */
class SignatureCheck extends SAML {
  protected override async getSignedAssertion(signedXml: string): Promise<string> {
    return signedXml;
  }

  protected override async processValidlySignedAssertionAsync(
    xml: string,
  ): Promise<{ profile: Profile; loggedOut: boolean }> {
    return { profile: { issuer: '', nameID: '', nameIDFormat: '', getAssertionXml: () => xml }, loggedOut: false };
  }
}

/**
 * Verifies what the connection demands to be signed, and every signature that is there on the way to it.
 * @throws {Refusal} `invalid-signature` or `unsigned-response`
 */
export async function checkSignature(
  xml: string,
  outline: ResponseOutline,
  settings: SamlSettings,
): Promise<SignedOctets> {
  demand(
    outline.responseSigned || outline.assertionSigned,
    'invalid-signature',
    'Neither the response nor the assertion is signed.',
  );
  const demanded = demandedSignatures(settings.requireSigned, outline);
  const response = Buffer.from(xml, 'utf8').toString('base64');
  for (const certificate of likelyFirst(settings.certificates.map(pinnedCertificate), outline)) {
    const signed = await verifiedWith(certificate, demanded, response, settings);
    if (signed !== undefined) return { xml: signed, certificateSha256: certificate.sha256 };
  }
  throw new Refusal(
    'invalid-signature',
    'The signature was not made with a certificate of this connection, or the content was changed. Compare the certificate.',
  );
}

/** A signature on the Response that is not valid is never overlooked in favour of the assertion's. */
function demandedSignatures(rule: RequiredSignature, { responseSigned, assertionSigned }: ResponseOutline) {
  const assertion = rule === 'assertion' || rule === 'both';
  const response = rule === 'response' || rule === 'both';
  demand(
    !response || responseSigned,
    'unsigned-response',
    'This connection wants the response signed. Sign it at the identity provider.',
  );
  demand(
    !assertion || assertionSigned,
    'invalid-signature',
    'This connection wants the assertion signed. Sign it at the identity provider.',
  );
  return { wantAuthnResponseSigned: responseSigned, wantAssertionsSigned: assertion };
}

async function verifiedWith(
  certificate: PinnedCertificate,
  demanded: ReturnType<typeof demandedSignatures>,
  response: string,
  settings: SamlSettings,
): Promise<string | undefined> {
  const check = new SignatureCheck({
    ...demanded,
    idpCert: certificate.pem,
    issuer: settings.spEntityId,
    callbackUrl: settings.acsUrl,
    validateInResponseTo: ValidateInResponseTo.never,
    cacheProvider: noRequestCache,
  });
  try {
    const { profile } = await check.validatePostResponseAsync({ SAMLResponse: response });
    return profile?.getAssertionXml?.();
  } catch {
    return undefined; // node-saml says why in words that may repeat the content; to us it is one answer
  }
}

/**
 * The certificate that the response names comes first: a hint that saves time and proves nothing.
 * Trying them one by one tells which of them made the signature.
 */
function likelyFirst(
  certificates: readonly PinnedCertificate[],
  { response, assertion }: ResponseOutline,
): readonly PinnedCertificate[] {
  if (certificates.length === 1) return certificates;
  const [signature] = [response, assertion].flatMap((element) => childrenOf(element, SIGNATURE, 'Signature'));
  const named = signature ? bare(textsOf(signature, 'X509Certificate')) : '';
  return [...certificates].sort((a, b) => Number(bare(b.pem) === named) - Number(bare(a.pem) === named));
}

function textsOf(element: ResponseOutline['response'], local: string): string {
  if (element.local === local) return element.text;
  return element.children.map((child) => textsOf(child, local)).find((text) => text !== '') ?? '';
}

const bare = (certificate: string) => certificate.replace(/-----[^-]+-----|\s/g, '');
