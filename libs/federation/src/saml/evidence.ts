import { createHash } from 'node:crypto';
import { ASSERTION, childrenOf, identifierOf, instantOf, trimmedText } from './saml-xml.js';
import type { SignedOctets } from './signed-element.js';
import type { AssertionEvidence } from './verified-assertion.js';
import type { XmlElement } from './xml-element.js';

const TEXT_LENGTH_MAX = 1024;

/**
 * Reads from a signed answer what is recorded about it whether it is accepted or not.
 * @throws {Refusal} `malformed-response` when the ids are missing or no identifiers: they become part of event ids
 */
export function evidenceOf(
  assertion: XmlElement,
  response: XmlElement,
  signed: SignedOctets,
  asked: boolean,
): AssertionEvidence {
  const [statement] = childrenOf(assertion, ASSERTION, 'AuthnStatement');
  const [context] = statement ? childrenOf(statement, ASSERTION, 'AuthnContext') : [];
  const [contextClass] = context ? childrenOf(context, ASSERTION, 'AuthnContextClassRef') : [];
  const [subject] = childrenOf(assertion, ASSERTION, 'Subject');
  const [nameId] = subject ? childrenOf(subject, ASSERTION, 'NameID') : [];
  const [issuer] = childrenOf(assertion, ASSERTION, 'Issuer');
  const instant = statement && instantOf(statement, 'AuthnInstant');
  return {
    assertionId: identifierOf(assertion),
    responseId: identifierOf(response),
    issuer: bounded(trimmedText(issuer)) ?? '',
    nameIdFormat: bounded(nameId?.attributes.get('Format')),
    sessionIndex: bounded(statement?.attributes.get('SessionIndex')),
    authnInstant: instant === undefined ? null : new Date(instant).toISOString(),
    authnContext: bounded(trimmedText(contextClass)),
    certificateSha256: signed.certificateSha256,
    assertionSha256: createHash('sha256').update(signed.xml, 'utf8').digest('hex'),
    initiatedBy: asked ? 'sp' : 'idp',
  };
}

/** Signed does not mean small or clean: what would not fit into a record is left out. */
function bounded(text: string | undefined): string | null {
  return text && text.length <= TEXT_LENGTH_MAX && !/[\p{Cc}\p{Cs}]/u.test(text) ? text : null;
}
