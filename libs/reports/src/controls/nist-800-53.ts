import { type Control, TESTS, testOf } from './control.js';

/** Access control (AC), and audit and accountability (AU). */
export const NIST_800_53: readonly Control[] = [
  {
    framework: 'nist80053',
    number: 'AC-2',
    asks: 'Accounts are approved, created, changed, disabled and removed by rules, their use is watched, those in charge are told of changes, and all are reviewed.',
    answeredBy: {
      reports: ['access', 'joiners-movers-leavers', 'jit-accounts', 'dormant', 'reviews'],
      queries: ['/api/v1/accounts'],
      events: ['UserProvisioned', 'ProfileUpdated', 'UserDeactivated', 'UserReactivated', 'NoticeSent'],
    },
    remains:
      'Naming account managers, approval at the source of identities, shared passwords, and the times that the organisation sets itself. Notices are about reviews, requests and findings, not about every change of an account.',
    provedBy: [testOf('access'), testOf('joiners-movers-leavers'), testOf('jit-accounts'), testOf('reviews')],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AC-2(3)',
    asks: 'Accounts that are expired, belong to nobody any more, break a policy or are inactive are disabled in time.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'dormant', 'orphan'],
      queries: ['/api/v1/findings'],
      events: ['FindingRaised', 'FindingActedUpon', 'UserDeactivated'],
    },
    remains:
      'After how long, and the action `deactivate`: the policies on dormant and orphaned accounts say. Accounts for emergencies are never deactivated by a policy.',
    provedBy: [
      testOf('joiners-movers-leavers'),
      testOf('dormant'),
      testOf('orphan'),
      TESTS.findings,
      TESTS.findingActions,
    ],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AC-2(4)',
    asks: 'Creating, changing, enabling, disabling and removing accounts is audited by itself.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'access-changes'],
      queries: ['/api/v1/events'],
      events: ['UserProvisioned', 'ProfileUpdated', 'UserDeactivated', 'UserReactivated', 'AccountMerged'],
    },
    remains: 'Nothing for accounts in Gatebook: the log is where they come from.',
    provedBy: [testOf('joiners-movers-leavers'), TESTS.pointInTime, TESTS.sealed],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AC-5',
    asks: 'It is laid down which duties are to be separate, and access is defined so that they are.',
    answeredBy: { reports: ['sod'], events: ['SodViolationDetected', 'SodConflictPrevented', 'SodExceptionGranted'] },
    remains: 'Which duties have to be separated.',
    provedBy: [testOf('sod'), TESTS.segregation],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AC-6',
    asks: 'People have the access that their work needs, and no more.',
    answeredBy: {
      reports: ['privileged-access', 'elevations', 'dormant'],
      queries: ['/api/v1/findings'],
      events: ['ElevationApproved', 'ElevationEnded', 'FindingRaised'],
    },
    remains: 'What somebody’s work needs.',
    provedBy: [TESTS.privileged, testOf('elevations'), TESTS.elevations],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AC-6(7)',
    asks: 'Privileges are reviewed regularly, and those that are not needed are taken back.',
    answeredBy: {
      reports: ['reviews', 'review-quality', 'privileged-access'],
      events: ['AccessReviewOpened', 'ReviewDecisionRecorded', 'ReviewItemClosed'],
    },
    remains: 'How often: the policy of reviews says.',
    provedBy: [testOf('reviews'), testOf('review-quality'), TESTS.impartial],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-2, AU-12',
    asks: 'It is laid down which events are logged and why these suffice, they are logged, and the list is reviewed.',
    answeredBy: {
      queries: ['/api/v1/events'],
      reports: ['administrators', 'refusals'],
      events: ['SignedIn', 'SignInRefused', 'RolesAssigned', 'AuditRead'],
    },
    remains:
      'Reviewing the list (docs/events.md), and why it suffices. There is nothing to select: all that is on it is recorded.',
    provedBy: [testOf('administrators'), testOf('refusals'), TESTS.read, TESTS.pointInTime],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-3',
    asks: 'A record says what happened, when, where, from which source, with what outcome, and who and what it was about.',
    answeredBy: {
      queries: ['/api/v1/events', '/api/v1/events/export', '/api/v1/access/{grant}/why'],
      events: ['SignedIn', 'RolesAssigned', 'AccessRevoked'],
    },
    remains:
      'Network addresses are recorded of sign-ins and refusals only; of calls of the API it is the key or the person.',
    provedBy: [TESTS.exported, TESTS.why],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-6',
    asks: 'Records are reviewed and analysed for what is unusual, findings are reported, and the effort follows the risk.',
    answeredBy: {
      reports: ['administrators', 'refusals', 'configuration', 'sod'],
      queries: ['/api/v1/findings'],
      events: ['FindingRaised', 'FindingResolved'],
    },
    remains: 'That somebody reads the reports, and how often.',
    provedBy: [testOf('administrators'), testOf('refusals'), TESTS.findings],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-7',
    asks: 'Records can be narrowed down and reported on when somebody asks, without changing what they say or their order.',
    answeredBy: {
      reports: ['administrators', 'access-changes', 'configuration', 'refusals'],
      queries: ['/api/v1/events', '/api/v1/events/export'],
      events: ['ReportGenerated'],
    },
    remains: 'Records of other systems.',
    provedBy: [TESTS.evidence, TESTS.folder, TESTS.exported, testOf('administrators')],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-8',
    asks: 'Records bear the time of the system’s own clock, in UTC or with its offset, as finely as the organisation has laid down.',
    answeredBy: { queries: ['/api/v1/events', '/api/v1/events/export'] },
    remains:
      'That the clocks of the servers agree with a common source. Instants are UTC in milliseconds, and never run backwards within a stream.',
    provedBy: [TESTS.stamped, TESTS.exported],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-9',
    asks: 'Records and what keeps them are protected from being read, changed and deleted by those who may not, and somebody is told when it happens.',
    answeredBy: {
      reports: ['administrators'],
      queries: ['/api/v1/ledger/verification', '/api/v1/events/export'],
      events: ['AuditRead', 'ReportGenerated'],
    },
    remains:
      'Access to the database, verifying regularly and telling somebody of what it finds, and copies outside the reach of those who run the database: they could rewrite events and hashes alike.',
    provedBy: [TESTS.sealed, TESTS.exported, TESTS.read, TESTS.folder],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-10',
    asks: 'There is evidence, which cannot be refuted, that somebody did what they did.',
    answeredBy: {
      reports: ['administrators', 'reviews', 'elevations'],
      queries: ['/api/v1/access/{grant}/why', '/api/v1/ledger/verification'],
      events: ['SignedIn', 'ReviewDecisionRecorded', 'ElevationApproved'],
    },
    remains:
      'That nobody else has somebody’s key or session; for a sign-in, the identity provider’s own log of the assertion whose id and hash are recorded; copies outside the reach of those who run the database.',
    provedBy: [TESTS.sealed, TESTS.why, testOf('administrators'), testOf('reviews')],
    verification: 'compared',
  },
  {
    framework: 'nist80053',
    number: 'AU-11',
    asks: 'Records are kept as long as investigations and rules of retention need them.',
    answeredBy: { queries: ['/api/v1/events/export'], events: ['TenantChanged'] },
    remains:
      'Backups: the log itself is kept without end, save that the personal data of strangers who were refused and of erased people become unreadable.',
    provedBy: [TESTS.exported, TESTS.sealed],
    verification: 'compared',
  },
];
