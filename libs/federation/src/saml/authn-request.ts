import { demandMessageId, packed, type SamlMessage } from './outgoing-message.js';
import { type SamlSettings, signingKeyOf } from './saml-settings.js';
import { ASSERTION, PROTOCOL } from './saml-xml.js';
import { element, text } from './xml-writer.js';

/** What one request is made of. */
export interface AuthnRequestInput {
  /** Unpredictable, made by the caller, who keeps it to recognise the answer. An XML id: begins with a letter or an underscore. */
  readonly requestId: string;
  /** Comes back with the answer; at most 80 bytes (SAML Bindings 3.4.3). */
  readonly relayState: string;
  readonly now: Date;
  /** Ask for a fresh proof this once, whatever the connection says. */
  readonly forceAuthn?: boolean;
  /** Ask for one of these contexts this once, in place of the connection's. */
  readonly requestedAuthnContext?: readonly string[];
}

const HTTP_POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';

/**
 * Writes the message that sends a browser to the identity provider to sign in, in the connection's binding, signed where it says so.
 * It asks for no NameID format, and for a way of signing in only where the connection does: Entra ID and AD FS refuse people whose
 * way differs.
 * @throws {TypeError} when the request id is guessable by shape or the relay state is too long
 * @throws {SamlSettingsError} when it is to be signed and there is no key
 * @see SAML Core 3.4.1, SAML Bindings 3.4 and 3.5
 */
export async function createAuthnRequest(settings: SamlSettings, input: AuthnRequestInput): Promise<SamlMessage> {
  demandMessageId(input.requestId);
  return packed({
    field: 'SAMLRequest',
    xml: requestXml(settings, input),
    url: settings.ssoUrl,
    binding: settings.requestBinding,
    relayState: input.relayState,
    signingKey: settings.signRequests ? signingKeyOf(settings) : null,
  });
}

function requestXml(settings: SamlSettings, input: AuthnRequestInput): string {
  const { requestId, now, forceAuthn = settings.forceAuthn } = input;
  return element(
    'samlp:AuthnRequest',
    {
      'xmlns:samlp': PROTOCOL,
      'xmlns:saml': ASSERTION,
      ID: requestId,
      Version: '2.0',
      IssueInstant: now.toISOString(),
      Destination: settings.ssoUrl,
      ForceAuthn: forceAuthn ? 'true' : undefined,
      ProtocolBinding: HTTP_POST,
      AssertionConsumerServiceURL: settings.acsUrl,
    },
    element('saml:Issuer', {}, text(settings.spEntityId)),
    requestedContext(input.requestedAuthnContext ?? settings.requestedAuthnContext),
  );
}

function requestedContext(classes: readonly string[]): string {
  if (classes.length === 0) return '';
  const references = classes.map((each) => element('saml:AuthnContextClassRef', {}, text(each)));
  return element('samlp:RequestedAuthnContext', { Comparison: 'exact' }, ...references);
}
