import type { z } from 'zod';
import type { DomainEvent } from '#libs/kernel';
import type { EventEntry } from './event-entry.js';
import type * as account from './events/account.events.js';
import type * as client from './events/client.events.js';
import type * as connection from './events/connection.events.js';
import type * as installation from './events/installation.events.js';
import type * as role from './events/role.events.js';
import type * as signIn from './events/sign-in.events.js';

type Of<Type extends string, Entry extends EventEntry> = DomainEvent<Type, z.infer<Entry['schema']>>;

/** What happens to an account, each as it is recorded. */
export type UserProvisioned = Of<'UserProvisioned', typeof account.userProvisioned>;
export type IdentityLinked = Of<'IdentityLinked', typeof account.identityLinked>;
export type IdentityUnlinked = Of<'IdentityUnlinked', typeof account.identityUnlinked>;
export type ProfileUpdated = Of<'ProfileUpdated', typeof account.profileUpdated>;
export type RolesAssigned = Of<'RolesAssigned', typeof account.rolesAssigned>;
export type AccessRevoked = Of<'AccessRevoked', typeof account.accessRevoked>;
export type RoleWithheld = Of<'RoleWithheld', typeof account.roleWithheld>;
export type RoleWithholdingLifted = Of<'RoleWithholdingLifted', typeof account.roleWithholdingLifted>;
export type UserDeactivated = Of<'UserDeactivated', typeof account.userDeactivated>;
export type UserReactivated = Of<'UserReactivated', typeof account.userReactivated>;
export type GrantsConfirmed = Of<'GrantsConfirmed', typeof account.grantsConfirmed>;
export type AccountMerged = Of<'AccountMerged', typeof account.accountMerged>;
export type AccountAbsorbed = Of<'AccountAbsorbed', typeof account.accountAbsorbed>;

/** What happens when people come and go, each as it is recorded. */
export type SignedIn = Of<'SignedIn', typeof signIn.signedIn>;
export type SignInRefused = Of<'SignInRefused', typeof signIn.signInRefused>;
export type SignedOut = Of<'SignedOut', typeof signIn.signedOut>;
export type SignalReceived = Of<'SignalReceived', typeof signIn.signalReceived>;
export type SessionsEnded = Of<'SessionsEnded', typeof signIn.sessionsEnded>;

/** What happens to connections, each as it is recorded. */
export type ConnectionRegistered = Of<'ConnectionRegistered', typeof connection.connectionRegistered>;
export type ConnectionChanged = Of<'ConnectionChanged', typeof connection.connectionChanged>;
export type ConnectionEnabled = Of<'ConnectionEnabled', typeof connection.connectionEnabled>;
export type ConnectionDisabled = Of<'ConnectionDisabled', typeof connection.connectionDisabled>;
export type ConnectionRemoved = Of<'ConnectionRemoved', typeof connection.connectionRemoved>;
export type ConnectionMetadataRefreshed = Of<
  'ConnectionMetadataRefreshed',
  typeof connection.connectionMetadataRefreshed
>;
export type ConnectionMetadataRefused = Of<'ConnectionMetadataRefused', typeof connection.connectionMetadataRefused>;
export type CertificateExpiryNoticed = Of<'CertificateExpiryNoticed', typeof connection.certificateExpiryNoticed>;
export type DomainProved = Of<'DomainProved', typeof connection.domainProved>;
export type DomainProofLapsed = Of<'DomainProofLapsed', typeof connection.domainProofLapsed>;

/** What happens to roles, each as it is recorded. */
export type RoleDefined = Of<'RoleDefined', typeof role.roleDefined>;
export type RoleChanged = Of<'RoleChanged', typeof role.roleChanged>;
export type RoleRetired = Of<'RoleRetired', typeof role.roleRetired>;

/** What happens to applications that sign people in through Gatebook, each as it is recorded. */
export type ClientRegistered = Of<'ClientRegistered', typeof client.clientRegistered>;
export type ClientChanged = Of<'ClientChanged', typeof client.clientChanged>;
export type ClientEnabled = Of<'ClientEnabled', typeof client.clientEnabled>;
export type ClientDisabled = Of<'ClientDisabled', typeof client.clientDisabled>;
export type ClientRemoved = Of<'ClientRemoved', typeof client.clientRemoved>;
export type ApplicationSignedIn = Of<'ApplicationSignedIn', typeof client.applicationSignedIn>;
export type ApplicationSignInRefused = Of<'ApplicationSignInRefused', typeof client.applicationSignInRefused>;
export type ApplicationSessionsEnded = Of<'ApplicationSessionsEnded', typeof client.applicationSessionsEnded>;

/** What happens to the installation, its tenants and keys, each as it is recorded. */
export type InstallationCreated = Of<'InstallationCreated', typeof installation.installationCreated>;
export type DatabaseAttached = Of<'DatabaseAttached', typeof installation.databaseAttached>;
export type ConfigurationApplied = Of<'ConfigurationApplied', typeof installation.configurationApplied>;
export type ConfigurationHeld = Of<'ConfigurationHeld', typeof installation.configurationHeld>;
export type TenantRegistered = Of<'TenantRegistered', typeof installation.tenantRegistered>;
export type TenantChanged = Of<'TenantChanged', typeof installation.tenantChanged>;
export type ApiKeyCreated = Of<'ApiKeyCreated', typeof installation.apiKeyCreated>;
export type ApiKeyRevoked = Of<'ApiKeyRevoked', typeof installation.apiKeyRevoked>;
export type SetupLinkIssued = Of<'SetupLinkIssued', typeof installation.setupLinkIssued>;
export type SetupLinkUsed = Of<'SetupLinkUsed', typeof installation.setupLinkUsed>;
export type ProjectionVerified = Of<'ProjectionVerified', typeof installation.projectionVerified>;

/** Everything that can happen to an account. */
export type AccountEvent =
  | UserProvisioned
  | IdentityLinked
  | IdentityUnlinked
  | ProfileUpdated
  | RolesAssigned
  | AccessRevoked
  | RoleWithheld
  | RoleWithholdingLifted
  | UserDeactivated
  | UserReactivated
  | GrantsConfirmed
  | AccountMerged
  | AccountAbsorbed;

/** Everything that can happen to a connection. */
export type ConnectionEvent =
  | ConnectionRegistered
  | ConnectionChanged
  | ConnectionEnabled
  | ConnectionDisabled
  | ConnectionRemoved
  | ConnectionMetadataRefreshed
  | ConnectionMetadataRefused
  | CertificateExpiryNoticed
  | DomainProved
  | DomainProofLapsed;

/** Everything that can happen to a role of the catalogue. */
export type RoleEvent = RoleDefined | RoleChanged | RoleRetired;

/** Everything that can happen to an application that signs people in through Gatebook. */
export type ClientEvent = ClientRegistered | ClientChanged | ClientEnabled | ClientDisabled | ClientRemoved;

/** Everything that can happen to the configuration as a whole. */
export type ConfigurationEvent = ConfigurationApplied | ConfigurationHeld;

/** Everything that can happen to a tenant. */
export type TenantEvent = TenantRegistered | TenantChanged;

/** Everything that can happen to an API key. */
export type ApiKeyEvent = ApiKeyCreated | ApiKeyRevoked;

/** Everything that can happen to a one-time administrator link. */
export type SetupLinkEvent = SetupLinkIssued | SetupLinkUsed;
