/** Federation: what other organisations say about people, asked for and verified. */
export { type AuthnRequestInput, createAuthnRequest } from './saml/authn-request.js';
export { type Claims, claimsOf, NAME_ID_CLAIM } from './saml/claims.js';
export { RESPONSE_FIELD_MAX } from './saml/decode-response.js';
export { type SamlRefusalCode, SamlRefusedError } from './saml/saml-refused.error.js';
export {
  checkSamlSettings,
  type RequiredSignature,
  type SamlSettings,
  SamlSettingsError,
} from './saml/saml-settings.js';
export { SamlVerifier, type SamlVerifierOptions } from './saml/saml-verifier.js';
export { createSpMetadata } from './saml/sp-metadata.js';
export type { VerificationJob } from './saml/verification.js';
export { VerificationBusyError } from './saml/verification-busy.error.js';
export type { AssertionEvidence, VerifiedAssertion } from './saml/verified-assertion.js';
