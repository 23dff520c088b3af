import { inflateRawSync } from 'node:zlib';
import sax, { type QualifiedTag } from 'sax';
import { DomainError } from '#libs/kernel';

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';

/** Longest `SAMLRequest` parameter, characters: several times a signed request with an embedded certificate. */
export const MAX_ENCODED_CHARACTERS = 16_384;
/** Largest inflated request, bytes: a small body must not become a large document. */
export const MAX_REQUEST_BYTES = 65_536;
/** Longest ID, issuer or address that is taken from a request, characters. */
export const MAX_VALUE_CHARACTERS = 1_024;

/** What an identity provider needs from an AuthnRequest. Absent attributes are `undefined`. */
export interface AuthnRequest {
  readonly id: string;
  readonly issuer: string;
  readonly acsUrl: string | undefined;
  readonly destination: string | undefined;
}

/** The request cannot be read; the message says what is wrong with it, without quoting it. */
export class AuthnRequestError extends DomainError {
  readonly code = 'authn-request-unreadable';
  readonly kind = 'invalid';

  constructor(problem: string, options?: ErrorOptions) {
    super(`The SAMLRequest cannot be read: ${problem}. Start again at the application.`, options);
  }
}

/**
 * Reads an AuthnRequest of the HTTP-Redirect binding (SAML bindings §3.4.4.1: base64 of raw DEFLATE) or of HTTP-POST (§3.5.4:
 * base64). Size is bounded before and after inflating, DOCTYPEs are refused, and nothing is verified: a caller answers only to
 * addresses it knows.
 * @throws {AuthnRequestError} when it is too large, not base64, not DEFLATE, not well-formed or not an AuthnRequest
 */
export function readAuthnRequest(
  { SAMLRequest }: { readonly SAMLRequest: string },
  binding: 'redirect' | 'post' = 'redirect',
): AuthnRequest {
  const found = scan(messageText(SAMLRequest, binding));
  const { id, issuer, acsUrl, destination } = found;
  if (!id) throw new AuthnRequestError('it has no ID');
  if (!issuer?.trim()) throw new AuthnRequestError('it has no Issuer');
  return { id, issuer: issuer.trim(), acsUrl, destination };
}

/** The XML of a message in either binding, bounded. @throws {AuthnRequestError} */
export function messageText(encoded: string, binding: 'redirect' | 'post'): string {
  if (encoded.length > MAX_ENCODED_CHARACTERS) {
    throw new AuthnRequestError(`it is longer than ${MAX_ENCODED_CHARACTERS} characters`);
  }
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(encoded)) throw new AuthnRequestError('it is not base64');
  if (binding === 'post') return Buffer.from(encoded, 'base64').toString('utf8');
  try {
    return inflateRawSync(Buffer.from(encoded, 'base64'), { maxOutputLength: MAX_REQUEST_BYTES }).toString('utf8');
  } catch (cause) {
    throw new AuthnRequestError(`it is not DEFLATE data of at most ${MAX_REQUEST_BYTES} bytes`, { cause });
  }
}

type Found = { -readonly [Key in keyof AuthnRequest]?: AuthnRequest[Key] };

function scan(xml: string): Found {
  const found: Found = {};
  const path: string[] = [];
  const parser = sax.parser(true, { xmlns: true });
  parser.onerror = (cause) => {
    throw new AuthnRequestError('it is not well-formed XML', { cause });
  };
  parser.ondoctype = () => {
    throw new AuthnRequestError('it has a DOCTYPE');
  };
  parser.onopentag = (tag) => {
    const opened = tag as QualifiedTag;
    if (path.length === 0) readRoot(opened, found);
    path.push(`{${opened.uri}}${opened.local}`);
  };
  parser.onclosetag = () => path.pop();
  parser.ontext = (value) => {
    if (path.length === 2 && path[1] === `{${SAML}}Issuer`) found.issuer = bounded((found.issuer ?? '') + value);
  };
  parser.write(xml).close();
  return found;
}

function readRoot(tag: QualifiedTag, found: Found): void {
  if (tag.uri !== SAMLP || tag.local !== 'AuthnRequest') throw new AuthnRequestError('it is not an AuthnRequest');
  const value = (name: string) => {
    const attribute = tag.attributes[name];
    return attribute === undefined ? undefined : bounded(attribute.value);
  };
  found.id = value('ID');
  found.acsUrl = value('AssertionConsumerServiceURL');
  found.destination = value('Destination');
}

function bounded(value: string): string {
  if (value.length > MAX_VALUE_CHARACTERS) {
    throw new AuthnRequestError(`a value in it is longer than ${MAX_VALUE_CHARACTERS} characters`);
  }
  return value;
}
