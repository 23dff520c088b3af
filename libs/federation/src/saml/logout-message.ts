import { bytesOf, decodeUtf8 } from './decode-response.js';
import { parseGuarded } from './guarded-xml.js';
import { judgeLogout, type LogoutExpectation } from './logout-rules.js';
import { LOGOUT_BYTES_MAX, openQuery } from './redirect-query.js';
import { pinnedCertificate } from './saml-keys.js';
import { demand, Refusal, type SamlRefusal } from './saml-refused.error.js';
import { checkIds, checkSignatures, isSigned } from './signature-placement.js';
import { parseSigned, verifiedElement } from './signed-element.js';
import type { VerifiedLogoutRequest, VerifiedLogoutResponse } from './verified-logout.js';
import { parseXml, type XmlElement } from './xml-element.js';

/** A message of single logout as it arrived. */
export type ReceivedLogout =
  /** The query string exactly as it was received: the signature covers how it was written. */
  | { readonly binding: 'redirect'; readonly query: string }
  | {
      readonly binding: 'post';
      readonly fields: { readonly SAMLRequest?: string; readonly SAMLResponse?: string; readonly RelayState?: string };
    };

/** One message to verify. Plain data: it travels to a worker thread. */
export interface LogoutJob extends LogoutExpectation {
  readonly received: ReceivedLogout;
}

/** What came of it. Plain data: it travels back. */
export type LogoutOutcome =
  | VerifiedLogoutRequest
  | VerifiedLogoutResponse
  | { readonly kind: 'refused'; readonly refusal: SamlRefusal };

const LOGOUT_LIMITS = { elements: 400, depth: 20, attributesPerElement: 32 };
const FIELD_MAX = Math.ceil((LOGOUT_BYTES_MAX * 4) / 3 / 64) * 66;

/**
 * Verifies one message of single logout. A signature is required in either binding, by an accepted algorithm and a certificate of the
 * connection; then issuer, destination, age, end and, of an answer, the request that it answers.
 * Settings must have passed `checkSamlSettings`. Every fault of the message is an outcome, never an exception.
 * @see SAML Profiles 4.4, SAML Bindings 3.4 and 3.5
 */
export async function verifyLogoutMessage(job: LogoutJob): Promise<LogoutOutcome> {
  try {
    const opened = await open(job);
    const { relayState, certificateSha256 } = opened;
    return { ...judgeLogout(opened.message, opened.field, job), relayState, certificateSha256 };
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return { kind: 'refused', refusal: { code: cause.code, message: cause.message, evidence: null } };
  }
}

interface Opened {
  readonly field: 'SAMLRequest' | 'SAMLResponse';
  readonly message: XmlElement;
  readonly relayState: string | null;
  readonly certificateSha256: string;
}

async function open({ received, settings }: LogoutJob): Promise<Opened> {
  const certificates = settings.certificates.map(pinnedCertificate);
  if (received.binding === 'redirect') {
    const query = openQuery(received.query, certificates);
    return { ...query, message: checkedMessage(decodeUtf8(query.message)) };
  }
  const { field, xml } = posted(received.fields);
  demand(isSigned(checkedMessage(xml)), 'invalid-signature', 'The message is not signed.');
  const signed = verifiedElement(xml, await parseSigned(xml), certificates);
  const message = parseXml(signed.xml, LOGOUT_LIMITS);
  const relayState = received.fields.RelayState ?? null;
  return { field, message, relayState, certificateSha256: signed.certificateSha256 };
}

/** The same pass as over a response: bounded, nothing that parsers disagree about, signatures only where they belong. */
function checkedMessage(xml: string): XmlElement {
  const message = parseGuarded(xml, LOGOUT_LIMITS);
  checkSignatures(message);
  checkIds(message);
  return message;
}

function posted({ SAMLRequest, SAMLResponse }: { readonly SAMLRequest?: string; readonly SAMLResponse?: string }) {
  const one = (SAMLRequest === undefined) !== (SAMLResponse === undefined);
  demand(one, 'malformed-response', 'The form holds no SAML message, or two.');
  const field = SAMLRequest === undefined ? ('SAMLResponse' as const) : ('SAMLRequest' as const);
  const value = SAMLRequest ?? SAMLResponse ?? '';
  demand(value.length <= FIELD_MAX, 'too-large', `The message is larger than ${LOGOUT_BYTES_MAX / 1024} kB.`);
  const bytes = bytesOf(value);
  demand(bytes !== undefined, 'malformed-response', `${field} is not valid base64.`);
  return { field, xml: decodeUtf8(bytes) };
}
