import { constants, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { SignedXml } from 'xml-crypto';
import { privateKeyOf } from './saml-keys.js';
import type { SamlBinding, SigningKey } from './saml-settings.js';

/** A message for an identity provider, as the browser is to carry it there. */
export type SamlMessage =
  | { readonly binding: 'redirect'; readonly url: string }
  | {
      readonly binding: 'post';
      readonly url: string;
      /** `SAMLRequest` or `SAMLResponse`, and `RelayState` where there is one: hidden fields of a form that sends itself. */
      readonly fields: Readonly<Record<string, string>>;
    };

/** A message before it is signed and packed. */
export interface Draft {
  readonly field: 'SAMLRequest' | 'SAMLResponse';
  /** The root has an `ID`, and an Issuer as its first child. */
  readonly xml: string;
  readonly url: string;
  readonly binding: SamlBinding;
  /** Comes back with the answer; at most 80 bytes (SAML Bindings 3.4.3). */
  readonly relayState: string | null;
  readonly signingKey: SigningKey | null;
}

const RELAY_STATE_BYTES_MAX = 80;
const MESSAGE_ID = /^[A-Za-z_][\w.-]{19,127}$/;
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const signed = promisify(sign);

/** @throws {TypeError} when a message's id is guessable by its shape, or is no XML id */
export function demandMessageId(id: string): void {
  if (!MESSAGE_ID.test(id)) throw new TypeError('The id of a message is an XML id of 20 to 128 characters.');
}

/**
 * Packs a message for its binding, signed with RSA-SHA256 where there is a key: in the address over its parameters (SAML Bindings
 * 3.4.4.1), in a form inside of the message (3.5.4).
 * @throws {TypeError} when the relay state is too long
 */
export async function packed(draft: Draft): Promise<SamlMessage> {
  const tooLong = draft.relayState !== null && Buffer.byteLength(draft.relayState) > RELAY_STATE_BYTES_MAX;
  if (tooLong) throw new TypeError(`Relay state is at most ${RELAY_STATE_BYTES_MAX} bytes.`);
  if (draft.binding === 'post') return { binding: 'post', url: draft.url, fields: fieldsOf(draft) };
  return { binding: 'redirect', url: withQuery(draft.url, await queryOf(draft)) };
}

function fieldsOf({ field, xml, relayState, signingKey }: Draft): Record<string, string> {
  const message = signingKey ? withSignature(xml, signingKey) : xml;
  const encoded = Buffer.from(message, 'utf8').toString('base64');
  return { [field]: encoded, ...(relayState === null ? {} : { RelayState: relayState }) };
}

async function queryOf({ field, xml, relayState, signingKey }: Draft): Promise<string> {
  const parameters: [string, string][] = [[field, deflated(xml)]];
  if (relayState !== null) parameters.push(['RelayState', relayState]);
  if (!signingKey) return queryString(parameters);
  parameters.push(['SigAlg', RSA_SHA256]);
  const octets = Buffer.from(queryString(parameters));
  const key = { key: privateKeyOf(signingKey.privateKeyPem), padding: constants.RSA_PKCS1_PADDING };
  const signature = await signed('sha256', octets, key);
  return queryString([...parameters, ['Signature', signature.toString('base64')]]);
}

const queryString = (parameters: readonly (readonly [string, string])[]) =>
  parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');

/** By hand: an URL object would write the signed octets in another way. */
function withQuery(address: string, query: string): string {
  const url = new URL(address);
  url.hash = '';
  return `${url.href}${url.search === '' ? '?' : '&'}${query}`;
}

/** At once: a thread costs more than the few hundred bytes. */
const deflated = (xml: string) => deflateRawSync(xml).toString('base64');

function withSignature(xml: string, { privateKeyPem, certificatePem }: SigningKey): string {
  const signature = new SignedXml({
    privateKey: privateKeyPem,
    publicCert: certificatePem,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  signature.addReference({ xpath: '/*', transforms: [ENVELOPED, EXCLUSIVE], digestAlgorithm: SHA256 });
  const location = { reference: '/*/*[1]', action: 'after' } as const;
  signature.computeSignature(xml, { prefix: 'ds', location });
  return signature.getSignedXml();
}
