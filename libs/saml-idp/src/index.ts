/** A SAML identity provider's side of a sign-in, for the demo, for tests and for benchmarks. */
export { type AuthnRequest, AuthnRequestError, readAuthnRequest } from './authn-request.js';
export { XmlCharacterError } from './canonical-xml.js';
export { type AssertionEncryption, encryptedAssertion } from './encryption.js';
export { createIdentityProviderKey, type IdentityProviderKey } from './identity-provider-key.js';
export {
  buildLogoutRequest,
  buildLogoutResponse,
  type LogoutRequestSpec,
  type LogoutResponseSpec,
  signedQuery,
} from './logout-message.js';
export { buildIdentityProviderMetadata, type IdentityProviderDescription } from './metadata.js';
export { type ReceivedLogoutMessage, readLogoutMessage } from './received-logout.js';
export {
  buildSamlResponse,
  encodeSamlResponse,
  NAME_ID_FORMAT,
  type SamlAttribute,
  type SamlResponseOverrides,
  type SamlResponseSpec,
} from './saml-response.js';
