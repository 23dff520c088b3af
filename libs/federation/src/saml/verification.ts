import { beginNothing, type CheckObserver } from './check-observer.js';
import { decodeResponse } from './decode-response.js';
import { demandEncryption, openEncrypted } from './encrypted-answer.js';
import { evidenceOf } from './evidence.js';
import { type Expectation, postCheck, type SignedAnswer } from './post-check.js';
import { preCheck, RESPONSE_LIMITS, type ResponseOutline } from './pre-check.js';
import { demand, Refusal, type SamlRefusal } from './saml-refused.error.js';
import type { SamlSettings } from './saml-settings.js';
import { ASSERTION, is, onlyChild, PROTOCOL, required } from './saml-xml.js';
import { checkSignature } from './signature-check.js';
import type { SignedOctets } from './signed-element.js';
import type { AssertionEvidence, VerifiedAssertion } from './verified-assertion.js';
import { parseXml, type XmlElement } from './xml-element.js';

/** One response to verify. Plain data: it travels to a worker thread. */
export interface VerificationJob extends Expectation {
  /** The form field `SAMLResponse` as posted. */
  readonly samlResponse: string;
}

/** What came of it. Plain data: it travels back. */
export type VerificationOutcome =
  | { readonly kind: 'verified'; readonly assertion: VerifiedAssertion }
  | { readonly kind: 'refused'; readonly refusal: SamlRefusal };

/**
 * Verifies one response: decode, pre-check, decryption and signature, post-check, in this order.
 * Identity is read only from octets that a signature of the connection covers. The time is the job's, never the machine's.
 * Settings must have passed `checkSamlSettings`. Every fault of the response is an outcome, never an exception.
 */
export async function verifyResponse(job: VerificationJob): Promise<VerificationOutcome> {
  let evidence: AssertionEvidence | null = null;
  try {
    const signed = await verifySigned(job.samlResponse, job.settings);
    const answer = withEvidence(signed, job.pendingRequestId !== null);
    evidence = answer.evidence;
    return { kind: 'verified', assertion: postCheck(answer, job) };
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return { kind: 'refused', refusal: { code: cause.code, message: cause.message, evidence } };
  }
}

/** An answer whose signature is valid; what it says is still to be judged. */
export interface VerifiedSignature {
  readonly assertion: XmlElement;
  readonly response: XmlElement;
  readonly responseSigned: boolean;
  readonly signed: SignedOctets;
}

/**
 * The part of the verification that is about the document alone.
 * @throws {Refusal}
 */
export async function verifySigned(
  samlResponse: string,
  settings: SamlSettings,
  begin: CheckObserver = beginNothing,
): Promise<VerifiedSignature> {
  begin('encoding');
  const xml = decodeResponse(samlResponse);
  const outline = preCheck(xml, begin);
  begin('encryption');
  demandEncryption(outline.encrypted, settings);
  begin('signature');
  if (!outline.encrypted) return readSigned(await checkSignature(xml, outline, settings), outline);
  const opened = await openEncrypted(xml, outline, settings, begin);
  return { ...opened, responseSigned: outline.responseSigned };
}

/** @throws {Refusal} `malformed-response` when the ids are no identifiers */
export function withEvidence({ signed, ...answer }: VerifiedSignature, asked: boolean): SignedAnswer {
  return { ...answer, evidence: evidenceOf(answer.assertion, answer.response, signed, asked) };
}

/** Reads the signed octets afresh. They must be the Response or the Assertion that was looked at before the signature was checked. */
function readSigned(signed: SignedOctets, outline: ResponseOutline): VerifiedSignature {
  const root = parseXml(signed.xml, RESPONSE_LIMITS);
  const responseSigned = is(root, PROTOCOL, 'Response');
  const response = responseSigned ? root : outline.response;
  const inside = responseSigned ? onlyChild(root, ASSERTION, 'Assertion') : root;
  const assertion = required(inside, 'invalid-signature', 'The signature covers no assertion.');
  const same =
    is(assertion, ASSERTION, 'Assertion') && assertion.attributes.get('ID') === outline.assertion.attributes.get('ID');
  demand(
    same && responseSigned === outline.responseSigned,
    'invalid-signature',
    'The signature covers another assertion.',
  );
  return { assertion, response, responseSigned, signed };
}
