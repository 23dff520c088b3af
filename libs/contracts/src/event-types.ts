import type { z } from 'zod';
import type { DomainEvent } from '#libs/kernel';
import type { EventEntry } from './event-entry.js';
import type * as account from './events/account.events.js';
import type * as change from './events/change.events.js';
import type * as client from './events/client.events.js';
import type * as connection from './events/connection.events.js';
import type * as elevation from './events/elevation.events.js';
import type * as finding from './events/finding.events.js';
import type * as installation from './events/installation.events.js';
import type * as notice from './events/notice.events.js';
import type * as policy from './events/policy.events.js';
import type * as report from './events/report.events.js';
import type * as review from './events/review.events.js';
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
export type GrantsReduced = Of<'GrantsReduced', typeof account.grantsReduced>;
export type SodConflictPrevented = Of<'SodConflictPrevented', typeof account.sodConflictPrevented>;

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

/** What happens to policies, each as it is recorded. */
export type PolicyDefined = Of<'PolicyDefined', typeof policy.policyDefined>;
export type PolicyChanged = Of<'PolicyChanged', typeof policy.policyChanged>;
export type PolicyEnabled = Of<'PolicyEnabled', typeof policy.policyEnabled>;
export type PolicyDisabled = Of<'PolicyDisabled', typeof policy.policyDisabled>;
export type PolicyRemoved = Of<'PolicyRemoved', typeof policy.policyRemoved>;

/** What happens to access reviews, each as it is recorded. */
export type AccessReviewOpened = Of<'AccessReviewOpened', typeof review.accessReviewOpened>;
export type AccessReviewPopulated = Of<'AccessReviewPopulated', typeof review.accessReviewPopulated>;
export type AccessReviewHeld = Of<'AccessReviewHeld', typeof review.accessReviewHeld>;
export type AccessReviewClosed = Of<'AccessReviewClosed', typeof review.accessReviewClosed>;
export type AccessReviewSignedOff = Of<'AccessReviewSignedOff', typeof review.accessReviewSignedOff>;

/** What happens to review items, each as it is recorded. */
export type ReviewItemOpened = Of<'ReviewItemOpened', typeof review.reviewItemOpened>;
export type ReviewItemAssigned = Of<'ReviewItemAssigned', typeof review.reviewItemAssigned>;
export type ReviewItemReminded = Of<'ReviewItemReminded', typeof review.reviewItemReminded>;
export type ReviewDecisionRecorded = Of<'ReviewDecisionRecorded', typeof review.reviewDecisionRecorded>;
export type ReviewItemClosed = Of<'ReviewItemClosed', typeof review.reviewItemClosed>;
export type ReviewItemReopened = Of<'ReviewItemReopened', typeof review.reviewItemReopened>;

/** What happens to elevations, each as it is recorded. */
export type ElevationRequested = Of<'ElevationRequested', typeof elevation.elevationRequested>;
export type ElevationApproved = Of<'ElevationApproved', typeof elevation.elevationApproved>;
export type ElevationRefused = Of<'ElevationRefused', typeof elevation.elevationRefused>;
export type ElevationExtended = Of<'ElevationExtended', typeof elevation.elevationExtended>;
export type ElevationEnded = Of<'ElevationEnded', typeof elevation.elevationEnded>;

/** What happens to findings, each as it is recorded. */
export type FindingRaised = Of<'FindingRaised', typeof finding.findingRaised>;
export type SodViolationDetected = Of<'SodViolationDetected', typeof finding.sodViolationDetected>;
export type FindingAssigned = Of<'FindingAssigned', typeof finding.findingAssigned>;
export type FindingAccepted = Of<'FindingAccepted', typeof finding.findingAccepted>;
export type FindingActedUpon = Of<'FindingActedUpon', typeof finding.findingActedUpon>;
export type FindingResolved = Of<'FindingResolved', typeof finding.findingResolved>;

/** What happens to exceptions from segregation of duties, each as it is recorded. */
export type SodExceptionGranted = Of<'SodExceptionGranted', typeof finding.sodExceptionGranted>;
export type SodExceptionEnded = Of<'SodExceptionEnded', typeof finding.sodExceptionEnded>;

/** What happens to the use of access, each as it is recorded. */
export type UsageReported = Of<'UsageReported', typeof finding.usageReported>;

/** What happens to changes that wait for a second person, each as it is recorded. */
export type ChangeHeld = Of<'ChangeHeld', typeof change.changeHeld>;
export type ChangeApproved = Of<'ChangeApproved', typeof change.changeApproved>;
export type ChangeRefused = Of<'ChangeRefused', typeof change.changeRefused>;
export type ChangeApplied = Of<'ChangeApplied', typeof change.changeApplied>;
export type EmergencyChangeRecorded = Of<'EmergencyChangeRecorded', typeof change.emergencyChangeRecorded>;

/** What happens to notices, each as it is recorded. */
export type NoticeSent = Of<'NoticeSent', typeof notice.noticeSent>;
export type NoticeFailed = Of<'NoticeFailed', typeof notice.noticeFailed>;

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
  | AccountAbsorbed
  | GrantsReduced
  | SodConflictPrevented;

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

/** Everything that can happen to a policy. */
export type PolicyEvent = PolicyDefined | PolicyChanged | PolicyEnabled | PolicyDisabled | PolicyRemoved;

/** Everything that can happen to an access review. */
export type AccessReviewEvent =
  | AccessReviewOpened
  | AccessReviewPopulated
  | AccessReviewHeld
  | AccessReviewClosed
  | AccessReviewSignedOff;

/** Everything that can happen to an item of an access review. */
export type ReviewItemEvent =
  | ReviewItemOpened
  | ReviewItemAssigned
  | ReviewItemReminded
  | ReviewDecisionRecorded
  | ReviewItemClosed
  | ReviewItemReopened;

/** Everything that can happen to an elevation. */
export type ElevationEvent =
  | ElevationRequested
  | ElevationApproved
  | ElevationRefused
  | ElevationExtended
  | ElevationEnded;

/** Everything that can happen to a finding. */
export type FindingEvent =
  | FindingRaised
  | SodViolationDetected
  | FindingAssigned
  | FindingAccepted
  | FindingActedUpon
  | FindingResolved;

/** Everything that can happen to an exception from segregation of duties. */
export type SodExceptionEvent = SodExceptionGranted | SodExceptionEnded;

/** Everything that can happen to a change that waits for a second person. */
export type HeldChangeEvent = ChangeHeld | ChangeApproved | ChangeRefused | ChangeApplied | EmergencyChangeRecorded;

/** What is taken out of the audit, each as it is recorded. */
export type ReportGenerated = Of<'ReportGenerated', typeof report.reportGenerated>;
export type AuditRead = Of<'AuditRead', typeof report.auditRead>;
export type ReportDelivered = Of<'ReportDelivered', typeof report.reportDelivered>;
export type ReportNotDelivered = Of<'ReportNotDelivered', typeof report.reportNotDelivered>;
