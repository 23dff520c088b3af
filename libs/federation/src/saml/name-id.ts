import { claimText, NAME_BYTES_MAX } from './attributes.js';
import { demand } from './saml-refused.error.js';
import { ASSERTION, onlyChild } from './saml-xml.js';
import type { VerifiedAssertion } from './verified-assertion.js';
import type { XmlElement } from './xml-element.js';

/**
 * Reads the NameID in a Subject or a logout request.
 * @throws {Refusal} `missing-name-id`, or `malformed-claim` when it is no text or too long
 */
export function readNameId(element: XmlElement | undefined): VerifiedAssertion['nameId'] {
  const nameId = element && onlyChild(element, ASSERTION, 'NameID');
  const value = claimText(nameId?.text ?? '', NAME_BYTES_MAX);
  demand(
    value !== '',
    'missing-name-id',
    'The message names no subject. Let the identity provider send a NameID, not encrypted.',
  );
  return { value, format: nameId?.attributes.get('Format') ?? null };
}
