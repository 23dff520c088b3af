import { asDocument, element, text } from './canonical-xml.js';
import { type AssertionEncryption, encryptedAssertion } from './encryption.js';
import type { IdentityProviderKey } from './identity-provider-key.js';
import { envelopedSignature, type SignatureAlgorithm } from './signature.js';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const BASIC_NAME = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
const PASSWORD_OVER_TLS = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

/** How long an assertion is good for when nothing else is said, seconds. */
export const DEFAULT_LIFETIME_SECONDS = 300;

/** The NameID formats that matter to a relying party's choice of subject (SAML core §8.3). */
export const NAME_ID_FORMAT = {
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
} as const;

/** One attribute of the assertion. No values writes the attribute empty, which is not the same as leaving it out. */
export interface SamlAttribute {
  readonly name: string;
  readonly friendlyName?: string;
  readonly values: readonly string[];
}

/** Departures from what a correct identity provider says; each changes one thing and nothing else. */
export interface SamlResponseOverrides {
  /** Issuer of the assertion. */
  readonly issuer: string;
  readonly responseIssuer: string;
  readonly recipient: string;
  readonly destination: string;
  readonly statusCode: string;
  readonly notBefore: Date;
  readonly notOnOrAfter: Date;
  readonly subjectNotOnOrAfter: Date;
  /** `null` leaves the attribute out. */
  readonly inResponseToOnSubject: string | null;
  readonly inResponseToOnResponse: string | null;
  readonly omitConditions: boolean;
  readonly omitSubjectConfirmation: boolean;
  readonly confirmationMethod: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
}

/** Everything that a SAML Response with one assertion says. Times become UTC with milliseconds. */
export interface SamlResponseSpec {
  readonly key: IdentityProviderKey;
  readonly idpEntityId: string;
  /** Where the response is sent: Destination and Recipient. */
  readonly acsUrl: string;
  /** The service provider's entity id. */
  readonly audience: string;
  /** The AuthnRequest answered (InResponseTo); absent when the identity provider starts the sign-in. */
  readonly requestId?: string | undefined;
  readonly responseId: string;
  readonly assertionId: string;
  /** `format` defaults to persistent. */
  readonly nameId: { readonly value: string; readonly format?: string };
  readonly attributes: readonly SamlAttribute[];
  readonly now: Date;
  /** From `now` on; default {@link DEFAULT_LIFETIME_SECONDS}. */
  readonly lifetimeSeconds?: number;
  readonly sessionIndex?: string;
  /** When the person proved who they are; default `now`. */
  readonly authnInstant?: Date;
  readonly sessionNotOnOrAfter?: Date;
  /** AuthnContextClassRef; default: password over a protected transport. */
  readonly authnContext?: string;
  readonly sign: 'assertion' | 'response' | 'both' | 'none';
  /** Encrypts the assertion after it was signed and before the response is. */
  readonly encrypt?: AssertionEncryption;
  readonly overrides?: Partial<SamlResponseOverrides>;
}

/**
 * Writes a SAML 2.0 Response (SAML core §3.3.3) with one assertion, signed as asked with RSA-SHA256 over exclusive
 * canonical XML, the certificate included. One signature costs about 1 ms.
 * Deterministic, unless it encrypts: the same spec gives the same text.
 * @throws {XmlCharacterError} when a value holds a character that XML cannot carry
 */
export function buildSamlResponse(spec: SamlResponseSpec): string {
  const plain = signedIf(spec, ['assertion', 'both'], spec.assertionId, (signature) => assertionXml(spec, signature));
  const assertion = spec.encrypt ? encryptedAssertion(plain, spec.encrypt) : plain;
  const response = signedIf(spec, ['response', 'both'], spec.responseId, (signature) =>
    responseXml(spec, assertion, signature),
  );
  return asDocument(response);
}

/** Encodes a Response for the HTTP-POST binding (SAML bindings §3.5.4): base64 of its UTF-8, in one line. */
export function encodeSamlResponse(xml: string): string {
  return Buffer.from(xml, 'utf8').toString('base64');
}

function signedIf(
  spec: SamlResponseSpec,
  when: readonly SamlResponseSpec['sign'][],
  id: string,
  write: (signature: string) => string,
): string {
  if (!when.includes(spec.sign)) return write('');
  return write(envelopedSignature(write(''), id, spec.key, spec.overrides?.signatureAlgorithm ?? 'sha256'));
}

function responseXml(spec: SamlResponseSpec, assertion: string, signature: string): string {
  const { overrides = {} } = spec;
  return element(
    'samlp:Response',
    {
      'xmlns:samlp': SAMLP,
      Destination: overrides.destination ?? spec.acsUrl,
      ID: spec.responseId,
      InResponseTo: either(overrides.inResponseToOnResponse, spec.requestId),
      IssueInstant: spec.now.toISOString(),
      Version: '2.0',
    },
    element('saml:Issuer', { 'xmlns:saml': SAML }, text(overrides.responseIssuer ?? spec.idpEntityId)),
    signature,
    element('samlp:Status', {}, element('samlp:StatusCode', { Value: overrides.statusCode ?? SUCCESS })),
    assertion,
  );
}

function assertionXml(spec: SamlResponseSpec, signature: string): string {
  return element(
    'saml:Assertion',
    { 'xmlns:saml': SAML, ID: spec.assertionId, IssueInstant: spec.now.toISOString(), Version: '2.0' },
    element('saml:Issuer', {}, text(spec.overrides?.issuer ?? spec.idpEntityId)),
    signature,
    subjectXml(spec),
    conditionsXml(spec),
    authnStatementXml(spec),
    attributeStatementXml(spec.attributes),
  );
}

function subjectXml(spec: SamlResponseSpec): string {
  const { nameId, overrides = {} } = spec;
  const confirmation = element(
    'saml:SubjectConfirmation',
    { Method: overrides.confirmationMethod ?? BEARER },
    element('saml:SubjectConfirmationData', {
      InResponseTo: either(overrides.inResponseToOnSubject, spec.requestId),
      NotOnOrAfter: (overrides.subjectNotOnOrAfter ?? endOf(spec)).toISOString(),
      Recipient: overrides.recipient ?? spec.acsUrl,
    }),
  );
  return element(
    'saml:Subject',
    {},
    element('saml:NameID', { Format: nameId.format ?? NAME_ID_FORMAT.persistent }, text(nameId.value)),
    overrides.omitSubjectConfirmation ? '' : confirmation,
  );
}

function conditionsXml(spec: SamlResponseSpec): string {
  const { overrides = {} } = spec;
  if (overrides.omitConditions) return '';
  return element(
    'saml:Conditions',
    {
      NotBefore: (overrides.notBefore ?? spec.now).toISOString(),
      NotOnOrAfter: (overrides.notOnOrAfter ?? endOf(spec)).toISOString(),
    },
    element('saml:AudienceRestriction', {}, element('saml:Audience', {}, text(spec.audience))),
  );
}

function authnStatementXml(spec: SamlResponseSpec): string {
  return element(
    'saml:AuthnStatement',
    {
      AuthnInstant: (spec.authnInstant ?? spec.now).toISOString(),
      SessionIndex: spec.sessionIndex,
      SessionNotOnOrAfter: spec.sessionNotOnOrAfter?.toISOString(),
    },
    element(
      'saml:AuthnContext',
      {},
      element('saml:AuthnContextClassRef', {}, text(spec.authnContext ?? PASSWORD_OVER_TLS)),
    ),
  );
}

function attributeStatementXml(attributes: readonly SamlAttribute[]): string {
  if (attributes.length === 0) return ''; // the schema allows no empty statement
  return element('saml:AttributeStatement', {}, ...attributes.map(attributeXml));
}

function attributeXml({ name, friendlyName, values }: SamlAttribute): string {
  return element(
    'saml:Attribute',
    { FriendlyName: friendlyName, Name: name, NameFormat: BASIC_NAME },
    ...values.map((value) => element('saml:AttributeValue', {}, text(value))),
  );
}

function endOf(spec: SamlResponseSpec): Date {
  return new Date(spec.now.getTime() + (spec.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS) * 1000);
}

function either(override: string | null | undefined, value: string | undefined): string | undefined {
  return override === undefined ? value : (override ?? undefined);
}
