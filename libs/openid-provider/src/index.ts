export type { KoaContextWithOIDC } from 'oidc-provider';
export {
  type ApplicationGrant,
  type ApplicationGrants,
  applicationGrants,
  type ClientGiving,
  type EndedGrant,
  type Ending,
  type EndingCode,
  type FoundGrant,
  type GrantsToEnd,
  idHash,
  newGrantId,
  ROWS_AT_A_TIME,
} from './application-grants.js';
export {
  type AdmittedPerson,
  type AuthorizationInteraction,
  NoRequestUnderWayError,
} from './authorization-interaction.js';
export { type BearerAnswer, type BringsAssertion, JWT_BEARER } from './bearer-grant.js';
export {
  CLIENT_SECRET_LENGTH_MAX,
  CLIENT_SECRET_LENGTH_MIN,
  clientSecretHash,
  isClientSecret,
  newClientSecret,
  type SecretHolder,
} from './client-secret.js';
export { moveEndingsCheckpoint, readEndingsCheckpoint } from './endings-checkpoint.js';
export { type LogoutNotice, type LogoutNotices, logoutNotices } from './logout-notices.js';
export { type OpenIdProvider, type OpenIdProviderOptions, openIdProvider } from './openid-provider.js';
export { openidProviderMigrations } from './openid-provider.migrations.js';
export {
  LIFETIME_SECONDS,
  type PersonClaims,
  type ProviderPage,
  type ProviderPorts,
  type SilentAnswer,
} from './provider-configuration.js';
export { signingKeys } from './signing-keys.js';
