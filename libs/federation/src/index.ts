/** Federation: what other organisations say about people, asked for and verified. */

export { type DomainChallenge, domainChallenge } from './domain-proof/domain-challenge.js';
export { DomainNameError, domainName } from './domain-proof/domain-name.js';
export { type DomainProof, proveDomain, type ResolveTxt } from './domain-proof/prove-domain.js';
export {
  ASSERTION_AGE_MAX_SECONDS,
  BearerVerifier,
  type BearerVerifierOptions,
  checkJwtSettings,
  type JwtSettings,
  JwtSettingsError,
} from './jwt/bearer-assertion.js';
export { givenKeys, IssuerKeys, type KeySource } from './jwt/issuer-keys.js';
export { type KeySet, keySetOf, SIGNATURE_ALGORITHMS } from './jwt/key-set.js';
export type { TokenCheck } from './jwt/token-checks.js';
export { type CertificateExpiry, certificateExpiry } from './metadata/certificate-expiry.js';
export { diffMetadata, type MetadataChange } from './metadata/diff-metadata.js';
export { type FetchMetadataLimits, fetchMetadata } from './metadata/fetch-metadata.js';
export type { IdentityProviderMetadata, LogoutEndpoint, PerBinding } from './metadata/identity-provider-metadata.js';
export { MetadataError, type MetadataErrorCode, MetadataUnavailableError } from './metadata/metadata.errors.js';
export { AGGREGATE_BYTES_MAX, METADATA_CERTIFICATES_MAX } from './metadata/metadata-limits.js';
export { type ParseMetadataOptions, parseMetadata } from './metadata/parse-metadata.js';
export {
  type OAuth2Answer,
  OAuth2Client,
  type OAuth2ClientOptions,
  type OAuth2Transaction,
} from './oauth2/oauth2-client.js';
export { checkOAuth2Settings, type OAuth2Settings, OAuth2SettingsError } from './oauth2/oauth2-settings.js';
export {
  GraphGroups,
  type GraphGroupsOptions,
  type GraphGroupsQuery,
  GroupLookUpError,
} from './oidc/graph-groups.js';
export { checkIdToken, type IdTokenReport, type IdTokenReportOptions } from './oidc/id-token-report.js';
export type { LogoutNotice } from './oidc/logout-token.js';
export {
  type OidcAnswer,
  type OidcBeginning,
  OidcClient,
  type OidcClientOptions,
  type OidcTransaction,
} from './oidc/oidc-client.js';
export { type OidcRefusalCode, OidcRefusedError } from './oidc/oidc-refused.error.js';
export {
  checkOidcSettings,
  DEFAULT_ALGORITHMS,
  type OidcSettings,
  OidcSettingsError,
  type TokenEndpointAuthMethod,
} from './oidc/oidc-settings.js';
export { ProviderMetadataError, ProviderUnreachableError } from './oidc/provider.errors.js';
export type { AllowHttp } from './oidc/provider-metadata.js';
export type { Preset, PresetScreen, PresetSettings } from './presets/preset.js';
export { findPreset, PRESET_NAMES, PRESETS } from './presets/presets.js';
export { type AuthnRequestInput, createAuthnRequest } from './saml/authn-request.js';
export { SAML_CHECKS, type SamlCheck } from './saml/check-observer.js';
export { type Claims, claimsOf, NAME_ID_CLAIM } from './saml/claims.js';
export { RESPONSE_FIELD_MAX } from './saml/decode-response.js';
export type { CapturedResponse, ExplainedCheck, ExplainedResponse } from './saml/explain-response.js';
export type { LogoutJob, ReceivedLogout } from './saml/logout-message.js';
export type { LogoutExpectation } from './saml/logout-rules.js';
export {
  createLogoutRequest,
  createLogoutResponse,
  type LogoutRequestInput,
  type LogoutResponseInput,
} from './saml/logout-writer.js';
export type { SamlMessage } from './saml/outgoing-message.js';
export { samlEvidenceOf, samlIdentityOf } from './saml/saml-identity.js';
export { type SamlRefusalCode, SamlRefusedError } from './saml/saml-refused.error.js';
export {
  checkSamlSettings,
  type RequiredSignature,
  SAML_DEFAULTS,
  type SamlBinding,
  type SamlSettings,
  SamlSettingsError,
  type SigningKey,
} from './saml/saml-settings.js';
export { SamlVerifier, type SamlVerifierOptions } from './saml/saml-verifier.js';
export { createSpMetadata, type SpMetadataInput } from './saml/sp-metadata.js';
export type { VerificationJob } from './saml/verification.js';
export { VerificationBusyError } from './saml/verification-busy.error.js';
export type { AssertionEvidence, VerifiedAssertion } from './saml/verified-assertion.js';
export type { VerifiedLogoutRequest, VerifiedLogoutResponse, VerifiedMessage } from './saml/verified-logout.js';
export { switchXPathShortcut } from './saml/xpath-shortcut.js';
export {
  checkSignalSettings,
  SECURITY_EVENT_AGE_MAX_SECONDS,
  type SecurityEvent,
  SecurityEventVerifier,
  type SecurityEventVerifierOptions,
  type SignalSettings,
  type VerifiedSecurityEvents,
} from './signals/security-event-token.js';
export type { SignalKind } from './signals/signal-kinds.js';
export type { SignalPerson, SignalSubject } from './signals/signal-subject.js';
export type { IdentityEvidence, VerifiedIdentity } from './verified-identity.js';
