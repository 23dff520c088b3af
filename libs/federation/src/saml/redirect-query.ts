import { constants, verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { bytesOf } from './decode-response.js';
import { type PinnedCertificate, publicKeyOf } from './saml-keys.js';
import { demand, Refusal } from './saml-refused.error.js';

/** Longest query string, characters; servers take no longer addresses. */
const QUERY_LENGTH_MAX = 16 * 1024;
/** Largest message of single logout, bytes, inflated: room for 100 sessions and a certificate. */
export const LOGOUT_BYTES_MAX = 64 * 1024;
const PARAMETERS = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'];
const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';
/** SHA-1 is not among them. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'sha512'],
]);

/** A message that came in an address, its signature verified. */
export interface SignedQuery {
  readonly field: 'SAMLRequest' | 'SAMLResponse';
  readonly message: Buffer;
  readonly relayState: string | null;
  readonly certificateSha256: string;
}

/**
 * Verifies and unpacks a message of the HTTP-Redirect binding. The signature covers the parameters as they were written, so the query
 * has to be given as it was received. Nothing is inflated before the signature was found valid, and never beyond {@link LOGOUT_BYTES_MAX}.
 * @throws {Refusal} `too-large`, `malformed-response`, `unsupported-algorithm` or `invalid-signature`
 * @see SAML Bindings 3.4.4.1
 */
export function openQuery(query: string, certificates: readonly PinnedCertificate[]): SignedQuery {
  demand(query.length <= QUERY_LENGTH_MAX, 'too-large', `The address is longer than ${QUERY_LENGTH_MAX} characters.`);
  const raw = parametersOf(query.replace(/^\?/, ''));
  const value = (name: string) => decoded(raw.get(name));
  demand(raw.has('SAMLRequest') !== raw.has('SAMLResponse'), 'malformed-response', ONE_MESSAGE);
  const field = raw.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse';
  demand(
    (value('SAMLEncoding') ?? DEFLATE) === DEFLATE,
    'unsupported-algorithm',
    'The message is packed in an unknown way.',
  );
  const signer = signerOf(signedOctets(field, raw), value('SigAlg'), value('Signature'), certificates);
  const packed = bytesOf(value(field) ?? '');
  demand(packed !== undefined, 'malformed-response', `${field} is not valid base64.`);
  return {
    field,
    message: inflated(packed),
    relayState: value('RelayState') ?? null,
    certificateSha256: signer.sha256,
  };
}

const ONE_MESSAGE = 'The address holds no SAML message, or two.';

/** Parameters that mean something, as they were written; each at most once. */
function parametersOf(query: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    if (!PARAMETERS.includes(name)) continue;
    demand(!found.has(name), 'hostile-xml', `The address holds ${name} twice.`);
    found.set(name, value);
  }
  return found;
}

function decoded(value: string | undefined): string | undefined {
  try {
    return value === undefined ? undefined : decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    throw new Refusal('malformed-response', 'The address is not encoded as addresses are.');
  }
}

function signedOctets(field: string, raw: ReadonlyMap<string, string>): Buffer {
  const signed = [field, 'RelayState', 'SigAlg'].filter((name) => raw.has(name));
  return Buffer.from(signed.map((name) => `${name}=${raw.get(name)}`).join('&'));
}

function signerOf(
  octets: Buffer,
  algorithm: string | undefined,
  signature: string | undefined,
  certificates: readonly PinnedCertificate[],
): PinnedCertificate {
  demand(algorithm !== undefined && signature !== undefined, 'invalid-signature', 'The message is not signed.');
  const hash = HASHES.get(algorithm);
  demand(
    hash !== undefined,
    'unsupported-algorithm',
    'SigAlg: not accepted. Set the identity provider to RSA with SHA-256.',
  );
  const value = bytesOf(signature);
  const padding = constants.RSA_PKCS1_PADDING;
  const signer = certificates.find(
    (certificate) => value && verify(hash, octets, { key: publicKeyOf(certificate), padding }, value),
  );
  demand(
    signer !== undefined,
    'invalid-signature',
    'The signature was not made with a certificate of this connection, or the message was changed. Compare the certificate.',
  );
  return signer;
}

function inflated(packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: LOGOUT_BYTES_MAX });
  } catch (cause) {
    const large = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (large) throw new Refusal('too-large', `The message is larger than ${LOGOUT_BYTES_MAX / 1024} kB.`);
    throw new Refusal('malformed-response', 'The message is not DEFLATE data.');
  }
}
