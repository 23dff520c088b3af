import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { asDocument, element, text } from './canonical-xml.js';
import type { IdentityProviderKey } from './identity-provider-key.js';
import { envelopedSignature, SIGNATURE_IDENTIFIERS, type SignatureAlgorithm } from './signature.js';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';

/** What every message of single logout says. Times become UTC with milliseconds. */
interface LogoutSpec {
  readonly key: IdentityProviderKey;
  readonly id: string;
  readonly idpEntityId: string;
  /** `null` leaves the attribute out. */
  readonly destination: string | null;
  readonly now: Date;
  readonly algorithm?: SignatureAlgorithm;
}

/** A wish to end a person's sessions. */
export interface LogoutRequestSpec extends LogoutSpec {
  readonly nameId: { readonly value: string; readonly format?: string };
  readonly sessionIndexes: readonly string[];
  readonly notOnOrAfter?: Date;
}

/** An answer to the relying party's wish. */
export interface LogoutResponseSpec extends LogoutSpec {
  readonly inResponseTo: string;
  /** Status codes without their common beginning, the second inside the first; default `Success`. */
  readonly status?: readonly [string, string?];
}

/** Writes a LogoutRequest (SAML core §3.7.1) with its signature inside, or without one. */
export function buildLogoutRequest(spec: LogoutRequestSpec, sign: 'inside' | 'none'): string {
  const { nameId, sessionIndexes } = spec;
  return message(spec, sign, 'samlp:LogoutRequest', { NotOnOrAfter: spec.notOnOrAfter?.toISOString() }, [
    element('saml:NameID', { 'xmlns:saml': SAML, Format: nameId.format }, text(nameId.value)),
    ...sessionIndexes.map((index) => element('samlp:SessionIndex', {}, text(index))),
  ]);
}

/** Writes a LogoutResponse (SAML core §3.7.2) with its signature inside, or without one. */
export function buildLogoutResponse(spec: LogoutResponseSpec, sign: 'inside' | 'none'): string {
  const [first, second] = spec.status ?? ['Success'];
  const inner = second ? element('samlp:StatusCode', { Value: STATUS + second }) : '';
  const status = element('samlp:Status', {}, element('samlp:StatusCode', { Value: STATUS + first }, inner));
  return message(spec, sign, 'samlp:LogoutResponse', { InResponseTo: spec.inResponseTo }, [status]);
}

/**
 * Packs a message into a query string of the HTTP-Redirect binding, signed (SAML bindings §3.4.4.1): DEFLATE, base64,
 * and a signature over the parameters as they are written.
 */
export function signedQuery({
  field,
  xml,
  relayState,
  key,
  algorithm = 'sha256',
}: {
  readonly field: 'SAMLRequest' | 'SAMLResponse';
  readonly xml: string;
  readonly relayState?: string | undefined;
  readonly key: IdentityProviderKey;
  readonly algorithm?: SignatureAlgorithm;
}): string {
  const parameters = [
    `${field}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(SIGNATURE_IDENTIFIERS[algorithm].signature)}`,
  ].join('&');
  const signature = sign(algorithm, Buffer.from(parameters), key.privateKeyPem).toString('base64');
  return `${parameters}&Signature=${encodeURIComponent(signature)}`;
}

function message(
  spec: LogoutSpec,
  sign: 'inside' | 'none',
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  content: readonly string[],
): string {
  const write = (signature: string) =>
    element(
      name,
      {
        'xmlns:samlp': SAMLP,
        ...attributes,
        Destination: spec.destination ?? undefined,
        ID: spec.id,
        IssueInstant: spec.now.toISOString(),
        Version: '2.0',
      },
      element('saml:Issuer', { 'xmlns:saml': SAML }, text(spec.idpEntityId)),
      signature,
      ...content,
    );
  if (sign === 'none') return asDocument(write(''));
  return asDocument(write(envelopedSignature(write(''), spec.id, spec.key, spec.algorithm ?? 'sha256')));
}
