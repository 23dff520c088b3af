import { deflateRawSync } from 'node:zlib';
import { SAML } from '@node-saml/node-saml';
import { noRequestCache } from './no-request-cache.js';
import type { SamlSettings } from './saml-settings.js';

/** What one request is made of. */
export interface AuthnRequestInput {
  /** Unpredictable, made by the caller, who keeps it to recognise the answer. An XML id: begins with a letter or an underscore. */
  readonly requestId: string;
  /** Comes back with the answer; at most 80 bytes (SAML Bindings 3.4.3). */
  readonly relayState: string;
  readonly now: Date;
}

const RELAY_STATE_BYTES_MAX = 80;
const REQUEST_ID = /^[A-Za-z_][\w.-]{19,127}$/;

/** node-saml stamps requests with the machine's time; ours carry the caller's. */
class RequestWriter extends SAML {
  async requestAt(now: Date): Promise<string> {
    const request = await this.generateAuthorizeRequestAsync(false, false);
    return request.replace(/ IssueInstant="[^"]*"/, ` IssueInstant="${now.toISOString()}"`);
  }
}

/**
 * Writes the address that sends a browser to the identity provider with a request to sign in (HTTP-Redirect binding).
 * It asks for no particular way of signing in and no NameID format: Entra ID and AD FS refuse people whose way differs.
 * @throws {TypeError} when the request id is guessable by shape or the relay state is too long
 * @see SAML Core 3.4.1, SAML Bindings 3.4
 */
export async function createAuthnRequest(
  settings: SamlSettings,
  { requestId, relayState, now }: AuthnRequestInput,
): Promise<{ url: string }> {
  if (!REQUEST_ID.test(requestId)) throw new TypeError('A request id is an XML id of 20 to 128 characters.');
  if (Buffer.byteLength(relayState) > RELAY_STATE_BYTES_MAX)
    throw new TypeError(`Relay state is at most ${RELAY_STATE_BYTES_MAX} bytes.`);
  const writer = new RequestWriter({
    entryPoint: settings.ssoUrl,
    issuer: settings.spEntityId,
    callbackUrl: settings.acsUrl,
    idpCert: [...settings.certificates],
    generateUniqueId: () => requestId,
    disableRequestedAuthnContext: true,
    identifierFormat: null,
    cacheProvider: noRequestCache,
  });
  const url = new URL(settings.ssoUrl);
  url.searchParams.set('SAMLRequest', deflated(await writer.requestAt(now)));
  url.searchParams.set('RelayState', relayState);
  return { url: url.href };
}

/** At once: a thread, which node-saml would ask, costs more than the few hundred bytes. */
const deflated = (request: string) => deflateRawSync(request).toString('base64');
