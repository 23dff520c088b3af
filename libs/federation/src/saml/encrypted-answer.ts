import { beginNothing, type CheckObserver } from './check-observer.js';
import { decrypt } from './decryption.js';
import { readEncrypted } from './encrypted-content.js';
import { preCheckDecrypted, RESPONSE_LIMITS, type ResponseOutline } from './pre-check.js';
import { pinnedCertificate } from './saml-keys.js';
import { demand } from './saml-refused.error.js';
import type { SamlSettings } from './saml-settings.js';
import { ASSERTION, is, onlyChild, required } from './saml-xml.js';
import { demandedSignatures } from './signature-check.js';
import { isSigned } from './signature-placement.js';
import { parseSigned, type SignedOctets, verifiedElement } from './signed-element.js';
import { parseXml, type XmlElement } from './xml-element.js';

/** A response whose assertion was encrypted, opened and verified. */
export interface OpenedAnswer {
  /** From the signed octets if the Response is signed. */
  readonly response: XmlElement;
  /** From octets that a signature covers: its own, or as cipher text the Response's. */
  readonly assertion: XmlElement;
  readonly signed: SignedOctets;
}

/**
 * Opens an encrypted assertion and verifies what the connection demands to be signed: the Response around the cipher text, the
 * Assertion inside, or both. A signature on the Response is checked first, and the assertion then taken out of what it covers.
 * AES-CBC is opened under such a signature only: without one, whoever can ask often enough can make us decrypt (Jager, Somorovsky 2011).
 * @throws {Refusal}
 */
export async function openEncrypted(
  xml: string,
  outline: ResponseOutline,
  settings: SamlSettings,
  begin: CheckObserver = beginNothing,
): Promise<OpenedAnswer> {
  const demanded = demandedSignatures(settings.requireSigned, outline);
  const certificates = settings.certificates.map(pinnedCertificate);
  const outer = demanded.response ? verifiedElement(xml, await parseSigned(xml), certificates) : undefined;
  const response = outer ? parseXml(outer.xml, RESPONSE_LIMITS) : outline.response;
  begin('encryption');
  const plain = openedIn(response, settings, outer !== undefined);
  const inner = preCheckDecrypted(plain, response);
  begin('signature');
  if (outer && !demanded.assertion) return { response, assertion: inner, signed: outer };
  demand(
    isSigned(inner),
    'invalid-signature',
    'Neither the response nor the encrypted assertion is signed as demanded.',
  );
  const signed = verifiedElement(plain, await parseSigned(plain), certificates);
  const assertion = parseXml(signed.xml, RESPONSE_LIMITS);
  const same = is(assertion, ASSERTION, 'Assertion') && assertion.attributes.get('ID') === inner.attributes.get('ID');
  demand(same, 'invalid-signature', 'The signature covers another assertion.');
  return { response, assertion, signed: outer ?? signed };
}

/** @throws {Refusal} `unsupported-algorithm` for what this connection does not let in encrypted, or not so */
export function demandEncryption(encrypted: boolean, { encryption }: SamlSettings): void {
  demand(
    !encrypted || encryption !== 'refuse',
    'unsupported-algorithm',
    'The assertion is encrypted, which this connection does not accept. Turn encryption off at the identity provider, or on here.',
  );
  demand(
    encrypted || encryption !== 'require',
    'unencrypted-assertion',
    'This connection wants the assertion encrypted. Turn encryption on at the identity provider.',
  );
}

function openedIn(response: XmlElement, { allowCbc, decryptionKeys }: SamlSettings, responseVerified: boolean): string {
  const element = required(
    onlyChild(response, ASSERTION, 'EncryptedAssertion'),
    'invalid-signature',
    'The signature covers no assertion.',
  );
  const content = readEncrypted(element);
  demand(
    !content.cipher.malleable || (allowCbc && responseVerified),
    'unsupported-algorithm',
    allowCbc
      ? 'The assertion is encrypted with AES-CBC, which is only accepted in a signed response. Sign the response too.'
      : 'The assertion is encrypted with AES-CBC. Set AES-GCM at the identity provider.',
  );
  return decrypt(content, decryptionKeys);
}
