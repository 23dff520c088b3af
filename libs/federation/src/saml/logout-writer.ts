import { demandMessageId, packed, type SamlMessage } from './outgoing-message.js';
import { type SamlSettings, SamlSettingsError, signingKeyOf } from './saml-settings.js';
import { ASSERTION, PROTOCOL, STATUS } from './saml-xml.js';
import { element, text } from './xml-writer.js';

/** A person's session at the identity provider that is to end. */
export interface LogoutRequestInput {
  /** Unpredictable, made by the caller, who keeps it to recognise the answer; as in {@link AuthnRequestInput}. */
  readonly requestId: string;
  /** As the sign-in's assertion named the person. */
  readonly nameId: { readonly value: string; readonly format: string | null };
  /** `SessionIndex` of the sign-ins that are to end, at most 100; none: every session of the person. */
  readonly sessionIndexes: readonly string[];
  /** Comes back with the answer; at most 80 bytes. */
  readonly relayState: string | null;
  readonly now: Date;
}

/** What became of a logout request of the identity provider's. */
export interface LogoutResponseInput {
  readonly responseId: string;
  /** Id of its request. */
  readonly inResponseTo: string;
  /** `partial`: here the sessions ended, elsewhere perhaps not. */
  readonly outcome: 'success' | 'partial' | 'failed';
  /** As it came with the request. */
  readonly relayState: string | null;
  readonly now: Date;
}

/** How long a logout request is good for, seconds. */
const LIFETIME_SECONDS = 300;
/** Sessions in one logout message. */
export const SESSION_INDEXES_MAX = 100;

/**
 * Writes the message that asks the identity provider to end a person's session, always signed (SAML Profiles 4.4.4.1).
 * @throws {SamlSettingsError} when the connection has no single logout or no signing key
 * @throws {TypeError} when the id is guessable by shape, the relay state is too long, or there are too many sessions
 */
export async function createLogoutRequest(settings: SamlSettings, input: LogoutRequestInput): Promise<SamlMessage> {
  demandMessageId(input.requestId);
  if (input.sessionIndexes.length > SESSION_INDEXES_MAX) {
    throw new TypeError(`A logout request names at most ${SESSION_INDEXES_MAX} sessions.`);
  }
  const { nameId, requestId, relayState, sessionIndexes, now } = input;
  const url = logoutUrl(settings, settings.sloUrl);
  const notOnOrAfter = new Date(now.getTime() + LIFETIME_SECONDS * 1000).toISOString();
  const xml = element(
    'samlp:LogoutRequest',
    { ...rootAttributes(requestId, url, now), NotOnOrAfter: notOnOrAfter },
    element('saml:Issuer', {}, text(settings.spEntityId)),
    element('saml:NameID', { Format: nameId.format ?? undefined }, text(nameId.value)),
    ...sessionIndexes.map((index) => element('samlp:SessionIndex', {}, text(index))),
  );
  return packed({ ...packing(settings, url, relayState), field: 'SAMLRequest', xml });
}

/**
 * Writes the answer to a logout request of the identity provider's, always signed (SAML Profiles 4.4.4.2).
 * @throws {SamlSettingsError} when the connection has no single logout or no signing key
 * @throws {TypeError} when the id is guessable by shape or the relay state is too long
 */
export async function createLogoutResponse(settings: SamlSettings, input: LogoutResponseInput): Promise<SamlMessage> {
  demandMessageId(input.responseId);
  const { responseId, inResponseTo, outcome, relayState, now } = input;
  const url = logoutUrl(settings, settings.sloResponseUrl ?? settings.sloUrl);
  const xml = element(
    'samlp:LogoutResponse',
    { ...rootAttributes(responseId, url, now), InResponseTo: inResponseTo },
    element('saml:Issuer', {}, text(settings.spEntityId)),
    element('samlp:Status', {}, statusCode(outcome)),
  );
  return packed({ ...packing(settings, url, relayState), field: 'SAMLResponse', xml });
}

function rootAttributes(id: string, url: string, now: Date) {
  return {
    'xmlns:samlp': PROTOCOL,
    'xmlns:saml': ASSERTION,
    ID: id,
    Version: '2.0',
    IssueInstant: now.toISOString(),
    Destination: url,
  };
}

const packing = (settings: SamlSettings, url: string, relayState: string | null) => ({
  url,
  relayState,
  binding: settings.sloBinding,
  signingKey: signingKeyOf(settings),
});

/** SAML Core 3.7.3.2: a partial logout is a success with a second word. */
function statusCode(outcome: LogoutResponseInput['outcome']): string {
  if (outcome === 'failed') return element('samlp:StatusCode', { Value: `${STATUS}Responder` });
  const partial = element('samlp:StatusCode', { Value: `${STATUS}PartialLogout` });
  return element('samlp:StatusCode', { Value: `${STATUS}Success` }, ...(outcome === 'partial' ? [partial] : []));
}

function logoutUrl({ connection }: SamlSettings, url: string | null): string {
  if (url !== null) return url;
  throw new SamlSettingsError(`Connection ${connection}: the identity provider has no address for single logout.`);
}
