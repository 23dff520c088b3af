import sax, { type QualifiedTag } from 'sax';
import { AuthnRequestError, MAX_VALUE_CHARACTERS, messageText } from './authn-request.js';

const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';

/** What an identity provider needs from a relying party's message of single logout. Absent parts are `null`. */
export interface ReceivedLogoutMessage {
  readonly kind: 'request' | 'response';
  readonly id: string;
  readonly issuer: string;
  readonly destination: string | null;
  readonly nameId: string | null;
  readonly sessionIndexes: readonly string[];
  readonly inResponseTo: string | null;
  /** Status codes from the outside in. */
  readonly statusCodes: readonly string[];
}

/**
 * Reads a LogoutRequest or LogoutResponse in either binding. Sizes are bounded, DOCTYPEs are refused, and nothing is verified.
 * @throws {AuthnRequestError} when it is too large, not base64, not DEFLATE, not well-formed or another message
 */
export function readLogoutMessage(encoded: string, binding: 'redirect' | 'post'): ReceivedLogoutMessage {
  const { root, texts, statusCodes } = scan(messageText(encoded, binding));
  const kinds = { LogoutRequest: 'request', LogoutResponse: 'response' } as const;
  const kind = root?.uri === SAMLP ? kinds[root.local as keyof typeof kinds] : undefined;
  if (!root || !kind) throw new AuthnRequestError('it is no message of single logout');
  const attribute = (name: string) => root.attributes[name]?.value ?? null;
  const all = (name: string) => texts.filter(([local]) => local === name).map(([, value]) => value.trim());
  return {
    kind,
    id: attribute('ID') ?? '',
    issuer: all('Issuer')[0] ?? '',
    destination: attribute('Destination'),
    nameId: all('NameID')[0] ?? null,
    sessionIndexes: all('SessionIndex'),
    inResponseTo: attribute('InResponseTo'),
    statusCodes,
  };
}

interface Scanned {
  root: QualifiedTag | undefined;
  /** Texts of the root's children, by local name. */
  readonly texts: [string, string][];
  readonly statusCodes: string[];
}

function scan(xml: string): Scanned {
  const found: Scanned = { root: undefined, texts: [], statusCodes: [] };
  let depth = 0;
  const parser = sax.parser(true, { xmlns: true });
  parser.onerror = (cause) => {
    throw new AuthnRequestError('it is not well-formed XML', { cause });
  };
  parser.ondoctype = () => {
    throw new AuthnRequestError('it has a DOCTYPE');
  };
  parser.onopentag = (opened) => {
    const tag = opened as QualifiedTag;
    if (depth === 0) found.root = tag;
    if (depth === 1) found.texts.push([tag.local, '']);
    if (tag.local === 'StatusCode') found.statusCodes.push(tag.attributes['Value']?.value ?? '');
    depth += 1;
  };
  parser.onclosetag = () => {
    depth -= 1;
  };
  parser.ontext = (value) => {
    const current = found.texts.at(-1);
    if (depth === 2 && current) current[1] = `${current[1]}${value}`.slice(0, MAX_VALUE_CHARACTERS);
  };
  parser.write(xml).close();
  return found;
}
