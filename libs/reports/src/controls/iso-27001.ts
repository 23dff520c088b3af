import { type Control, TESTS, testOf } from './control.js';

/** Organisational and technological controls over access. */
export const ISO_27001: readonly Control[] = [
  {
    framework: 'iso27001',
    number: 'A.5.3',
    asks: 'Duties that conflict are segregated.',
    answeredBy: {
      reports: ['sod'],
      queries: ['/api/v1/sod-exceptions'],
      events: ['SodViolationDetected', 'SodConflictPrevented', 'SodExceptionGranted'],
    },
    remains: 'Which duties conflict: the policies state what the organisation decided.',
    provedBy: [testOf('sod'), TESTS.segregation],
    verification: 'secondary source',
  },
  {
    framework: 'iso27001',
    number: 'A.5.15',
    asks: 'Rules for access are laid down and carried out.',
    answeredBy: {
      reports: ['configuration', 'access'],
      queries: ['/api/v1/policies'],
      events: ['PolicyChanged', 'ConnectionChanged', 'RoleChanged'],
    },
    remains: 'The written access policy itself, and physical access.',
    provedBy: [testOf('configuration'), testOf('access')],
    verification: 'secondary source',
  },
  {
    framework: 'iso27001',
    number: 'A.5.16',
    asks: 'Identities are managed over their whole life.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'jit-accounts', 'orphan', 'dormant'],
      events: ['UserProvisioned', 'IdentityLinked', 'UserDeactivated', 'AccountMerged'],
    },
    remains: 'Identities of things and services that do not sign in through Gatebook.',
    provedBy: [testOf('joiners-movers-leavers'), testOf('jit-accounts'), testOf('orphan'), testOf('dormant')],
    verification: 'secondary source',
  },
  {
    framework: 'iso27001',
    number: 'A.5.17',
    asks: 'Authentication information is given out and managed under control.',
    answeredBy: {
      reports: ['administrators', 'configuration'],
      events: ['ApiKeyCreated', 'ApiKeyRevoked', 'SetupLinkIssued', 'SetupLinkUsed'],
    },
    remains: 'Passwords and second factors: they are the identity provider’s.',
    provedBy: [testOf('administrators')],
    verification: 'secondary source',
  },
  {
    framework: 'iso27001',
    number: 'A.5.18',
    asks: 'Access rights are given, reviewed, changed and taken back by the rules.',
    answeredBy: {
      reports: ['grants', 'access-changes', 'reviews', 'revocations', 'revocation-latency'],
      queries: ['/api/v1/access/{grant}/why'],
      events: ['RolesAssigned', 'AccessRevoked', 'GrantsReduced', 'ReviewDecisionRecorded'],
    },
    remains: 'That what was taken back here is also gone in applications that keep rights of their own.',
    provedBy: [testOf('grants'), testOf('access-changes'), testOf('reviews'), testOf('revocations')],
    verification: 'secondary source',
  },
  {
    framework: 'iso27001',
    number: 'A.8.2',
    asks: 'Privileged rights are few, given for a reason, and reviewed.',
    answeredBy: {
      reports: ['privileged-access', 'elevations', 'reviews', 'administrators'],
      events: ['ElevationRequested', 'ElevationApproved', 'ElevationEnded'],
    },
    remains: 'Which roles are privileged: the catalogue of roles says what the organisation decided.',
    provedBy: [TESTS.privileged, testOf('elevations'), testOf('reviews'), TESTS.elevationsEnd],
    verification: 'secondary source',
  },
  {
    framework: 'iso27001',
    number: 'A.8.3',
    asks: 'Access to information is restricted as the policy on access says.',
    answeredBy: {
      reports: ['access', 'refusals'],
      queries: ['/api/v1/access', '/api/v1/access/why-not'],
      events: ['SignInRefused', 'ApplicationSignInRefused'],
    },
    remains: 'What an application lets each role do.',
    provedBy: [testOf('access'), testOf('refusals')],
    verification: 'secondary source',
  },
  {
    framework: 'iso27001',
    number: 'A.8.15',
    asks: 'Logs of what happened are made, kept, protected and looked at.',
    answeredBy: {
      reports: ['administrators'],
      queries: ['/api/v1/events', '/api/v1/events/export', '/api/v1/ledger/verification'],
      events: ['AuditRead', 'ReportGenerated', 'ProjectionVerified'],
    },
    remains:
      'Logs of other systems, copies where those who run the database cannot reach them, and that somebody looks.',
    provedBy: [TESTS.sealed, TESTS.exported, TESTS.read, TESTS.evidence, testOf('administrators')],
    verification: 'secondary source',
  },
];
