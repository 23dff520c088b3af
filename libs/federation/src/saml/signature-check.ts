import type { ResponseOutline } from './pre-check.js';
import { pinnedCertificate } from './saml-keys.js';
import { demand } from './saml-refused.error.js';
import type { RequiredSignature, SamlSettings } from './saml-settings.js';
import { ASSERTION } from './saml-xml.js';
import { childElements, invalidSignature, parseSigned, type SignedOctets, verifiedElement } from './signed-element.js';

/** Which elements have to be signed, as the document and the connection would have it. */
export interface DemandedSignatures {
  readonly response: boolean;
  readonly assertion: boolean;
}

/**
 * Decides which signatures have to be valid. One on the Response that is there is never overlooked in favour of the assertion's.
 * An encrypted assertion counts as signed here; whether it is shows when it is open.
 * @throws {Refusal} `invalid-signature` or `unsigned-response`
 */
export function demandedSignatures(rule: RequiredSignature, outline: ResponseOutline): DemandedSignatures {
  const { responseSigned, encrypted } = outline;
  const assertionSigned = outline.assertionSigned || encrypted;
  demand(responseSigned || assertionSigned, 'invalid-signature', 'Neither the response nor the assertion is signed.');
  demand(
    responseSigned || !(rule === 'response' || rule === 'both'),
    'unsigned-response',
    'This connection wants the response signed. Sign it at the identity provider.',
  );
  const assertion = rule === 'assertion' || rule === 'both';
  demand(
    assertionSigned || !assertion,
    'invalid-signature',
    'This connection wants the assertion signed. Sign it at the identity provider.',
  );
  return { response: responseSigned, assertion: assertion || !responseSigned };
}

/**
 * Verifies what the connection demands to be signed of a response whose assertion is not encrypted.
 * @returns the Response if that is signed, else the Assertion
 * @throws {Refusal} `invalid-signature` or `unsigned-response`
 */
export async function checkSignature(
  xml: string,
  outline: ResponseOutline,
  settings: SamlSettings,
): Promise<SignedOctets> {
  const demanded = demandedSignatures(settings.requireSigned, outline);
  const certificates = settings.certificates.map(pinnedCertificate);
  const root = await parseSigned(xml);
  const [assertion, ...more] = childElements(root, 'Assertion', ASSERTION);
  if (!assertion || more.length > 0) throw invalidSignature();
  const response = demanded.response ? verifiedElement(xml, root, certificates) : undefined;
  const signed = demanded.assertion ? verifiedElement(xml, assertion, certificates) : undefined;
  return response ?? signed ?? refuse();
}

function refuse(): never {
  throw invalidSignature();
}
