import { X509Certificate } from 'node:crypto';
import { SAML_CHECKS, type SamlCheck } from './check-observer.js';
import { POST_CHECK_RULES, type PostCheckCase, postCheckCase, requestsNamedBy } from './post-check.js';
import { pinnedCertificate, wrongCertificate } from './saml-keys.js';
import { Refusal, type SamlRefusal } from './saml-refused.error.js';
import type { SamlSettings } from './saml-settings.js';
import { type VerifiedSignature, verifySigned, withEvidence } from './verification.js';
import type { AssertionEvidence, VerifiedAssertion } from './verified-assertion.js';

/** A captured response and the connection that it is held against. */
export interface CapturedResponse {
  readonly settings: SamlSettings;
  /** XML, or the base64 of the form field `SAMLResponse`. */
  readonly response: string;
  /** The instant for which it is judged. */
  readonly now: Date;
}

/** What came of one check. */
export interface ExplainedCheck {
  readonly check: SamlCheck;
  readonly passed: true | false | 'not checked';
  /** What is wrong and what to look at, or why nobody looked; empty when all is well. No personal data. */
  readonly detail: string;
}

/** Everything that the verifier has to say about a captured response. */
export interface ExplainedResponse {
  readonly accepted: boolean;
  /** Every check once, in the order in which they are made. */
  readonly checks: readonly ExplainedCheck[];
  /** Things worth a look that decide nothing: dates and key sizes of the pinned certificates. */
  readonly remarks: readonly string[];
  /** The first refusal, which is the one that a sign-in would have met; null when accepted. */
  readonly refusal: SamlRefusal | null;
  /** What the valid signature proves; null when there was none. */
  readonly evidence: AssertionEvidence | null;
  /** What would be known of the person; null unless accepted. */
  readonly assertion: VerifiedAssertion | null;
}

const AFTER_FAILURE = 'An earlier check failed.';
const OFFLINE = 'Which request a browser made cannot be known from a captured response.';

/**
 * Verifies a captured response with the very checks of a sign-in, and tells what came of each. Checks of the document stop at the first
 * that fails; those of what a signed document says are all made. Which request it answers is not checked: nobody knows it any more.
 * A response that names no request came unasked and is judged so. Certificates are used whatever their dates and key sizes.
 * Replay is not looked at. The caller passes settings whose certificates are PEM certificates.
 */
export async function explainResponse({ settings, response, now }: CapturedResponse): Promise<ExplainedResponse> {
  const found = new Map<SamlCheck, ExplainedCheck>();
  const failures: { refusal: Refusal; check: SamlCheck }[] = [];
  const fail = (check: SamlCheck, refusal: Refusal) => {
    found.set(check, { check, passed: false, detail: refusal.message });
    failures.push({ check, refusal });
  };
  const signed = await verifiedDocument({ settings, response, now }, found, fail);
  const judged = signed && caseOf(signed, settings, now, fail);
  const read = judged ? judgeEach(judged, found, fail) : {};
  const checks = SAML_CHECKS.map(
    (check): ExplainedCheck => found.get(check) ?? { check, passed: 'not checked', detail: AFTER_FAILURE },
  );
  const [first] = failures;
  const evidence = judged?.evidence ?? null;
  const accepted = judged !== undefined && first === undefined;
  return {
    accepted,
    checks,
    remarks: settings.certificates.flatMap((pem, index) => remarksOn(pem, index + 1, now)),
    refusal: first ? { code: first.refusal.code, message: first.refusal.message, evidence } : null,
    evidence,
    assertion: accepted ? ({ ...judged.evidence, ...read } as VerifiedAssertion) : null,
  };
}

type Found = Map<SamlCheck, ExplainedCheck>;
type Fail = (check: SamlCheck, refusal: Refusal) => void;

async function verifiedDocument(
  { response, settings }: CapturedResponse,
  found: Found,
  fail: Fail,
): Promise<VerifiedSignature | undefined> {
  let current: SamlCheck = 'encoding';
  const begin = (check: SamlCheck) => {
    current = check;
    for (const earlier of SAML_CHECKS.slice(0, SAML_CHECKS.indexOf(check))) found.set(earlier, passed(earlier));
  };
  try {
    const signed = await verifySigned(asField(response), settings, begin);
    found.set('signature', passed('signature'));
    return signed;
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    found.delete(current);
    fail(current, cause);
    return undefined;
  }
}

function caseOf(signed: VerifiedSignature, settings: SamlSettings, now: Date, fail: Fail): PostCheckCase | undefined {
  try {
    const [first = null] = requestsNamedBy(withEvidence(signed, true));
    const answer = withEvidence(signed, first !== null);
    return postCheckCase(answer, { settings, now, pendingRequestId: first });
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    fail('signature', cause);
    return undefined;
  }
}

/** Makes every check, and gives what they read. */
function judgeEach(judged: PostCheckCase, found: Found, fail: Fail): Partial<VerifiedAssertion> {
  let read: Partial<VerifiedAssertion> = {};
  for (const { check, judge } of POST_CHECK_RULES) {
    if (check === 'in-response-to' && judged.pendingRequestId !== null) {
      found.set(check, { check, passed: 'not checked', detail: OFFLINE });
      continue;
    }
    try {
      read = { ...read, ...judge(judged) };
      found.set(check, passed(check));
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      fail(check, cause);
    }
  }
  return read;
}

const passed = (check: SamlCheck): ExplainedCheck => ({ check, passed: true, detail: '' });

const asField = (response: string) =>
  /^\ufeff?\s*</.test(response) ? Buffer.from(response.trim(), 'utf8').toString('base64') : response;

function remarksOn(pem: string, number: number, now: Date): string[] {
  const name = `Certificate ${number}`;
  const weak = wrongCertificate(pem, name);
  if (weak?.includes('PEM')) return [weak];
  const { validFromDate, validToDate } = new X509Certificate(pinnedCertificate(pem).pem);
  const dates = [
    ...(now < validFromDate ? [`${name} is not valid before ${validFromDate.toISOString()}.`] : []),
    ...(now > validToDate ? [`${name} was valid until ${validToDate.toISOString()}.`] : []),
  ];
  return weak ? [weak, ...dates] : dates;
}
