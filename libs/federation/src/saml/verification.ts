import { decodeResponse } from './decode-response.js';
import { evidenceOf } from './evidence.js';
import { type Expectation, postCheck, type SignedAnswer } from './post-check.js';
import { preCheck, RESPONSE_LIMITS, type ResponseOutline } from './pre-check.js';
import { demand, Refusal, type SamlRefusal } from './saml-refused.error.js';
import { ASSERTION, is, onlyChild, PROTOCOL, required } from './saml-xml.js';
import { checkSignature, type SignedOctets } from './signature-check.js';
import type { AssertionEvidence, VerifiedAssertion } from './verified-assertion.js';
import { parseXml } from './xml-element.js';

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
 * Verifies one response: decode, pre-check, signature, post-check, in this order.
 * Identity is read only from octets that a signature of the connection covers. The time is the job's, never the machine's.
 * Settings must have passed `checkSamlSettings`. Every fault of the response is an outcome, never an exception.
 */
export async function verifyResponse(job: VerificationJob): Promise<VerificationOutcome> {
  let evidence: AssertionEvidence | null = null;
  try {
    const xml = decodeResponse(job.samlResponse);
    const outline = preCheck(xml);
    const answer = signedAnswer(await checkSignature(xml, outline, job.settings), outline, job);
    evidence = answer.evidence;
    return { kind: 'verified', assertion: postCheck(answer, job) };
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return { kind: 'refused', refusal: { code: cause.code, message: cause.message, evidence } };
  }
}

/** Reads the signed octets afresh. They must be the Response or the Assertion that was looked at before the signature was checked. */
function signedAnswer(
  signed: SignedOctets,
  outline: ResponseOutline,
  { pendingRequestId }: VerificationJob,
): SignedAnswer {
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
  const evidence = evidenceOf(assertion, response, signed, pendingRequestId !== null);
  return { assertion, response, responseSigned, evidence };
}
