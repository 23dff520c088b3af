import { type Control, TESTS, testOf } from './control.js';

/** Requirements 7, 8 and 10, as far as they concern accounts, access and their log. */
export const PCI_DSS: readonly Control[] = [
  {
    framework: 'pcidss',
    number: '7.2.4',
    asks: 'All accounts and their access are reviewed at least every six months, what does not fit is dealt with, and management acknowledges it.',
    answeredBy: {
      reports: ['reviews', 'access', 'review-quality'],
      queries: ['/api/v1/access-reviews'],
      events: ['AccessReviewOpened', 'ReviewDecisionRecorded', 'AccessReviewSignedOff'],
    },
    remains: 'A policy of reviews whose scope is all access, with a schedule of six months or less, and who signs off.',
    provedBy: [testOf('reviews'), testOf('access'), TESTS.reviews],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '7.2.5.1',
    asks: 'Access of application and system accounts is reviewed, as often as a risk analysis says.',
    answeredBy: {
      reports: ['reviews', 'access', 'orphan'],
      events: ['ReviewDecisionRecorded', 'AccessReviewSignedOff'],
    },
    remains: 'The risk analysis and the schedule that follows from it; accounts that do not exist in Gatebook.',
    provedBy: [testOf('reviews'), testOf('access'), testOf('orphan')],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '8.2.1, 8.2.2',
    asks: 'Everybody has an identity of their own; shared ones are exceptions with a reason.',
    answeredBy: {
      reports: ['access', 'jit-accounts', 'administrators'],
      events: ['UserProvisioned', 'IdentityLinked'],
    },
    remains: 'Shared accounts at the identity provider, which look like one person.',
    provedBy: [testOf('access'), testOf('jit-accounts')],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '8.2.3',
    asks: 'Service providers that reach their customers’ premises remotely use factors of authentication of their own for each customer.',
    answeredBy: null,
    remains: 'It is about the factors with which people prove who they are, and these are the identity provider’s.',
    provedBy: [],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '8.2.4',
    asks: 'Adding, deleting and changing accounts is authorised, and done as authorised.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'jit-accounts', 'grants'],
      queries: ['/api/v1/access/{grant}/why'],
      events: ['UserProvisioned', 'ProfileUpdated', 'RolesAssigned'],
    },
    remains: 'Who approved a change in the source of identities.',
    provedBy: [testOf('joiners-movers-leavers'), testOf('jit-accounts'), testOf('grants'), TESTS.why],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '8.2.5',
    asks: 'Access of those who leave is taken back at once.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'revocation-latency', 'revocations', 'access-changes'],
      events: ['UserDeactivated', 'AccessRevoked', 'SessionsEnded'],
    },
    remains: 'That the source of identities tells at once.',
    provedBy: [
      testOf('revocation-latency'),
      testOf('revocations'),
      testOf('joiners-movers-leavers'),
      testOf('access-changes'),
    ],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '8.2.6',
    asks: 'Accounts not used for 90 days are removed or disabled.',
    answeredBy: { reports: ['dormant'], events: ['FindingRaised', 'FindingActedUpon', 'UserDeactivated'] },
    remains:
      'A policy on dormant accounts with 90 days or less and the action `deactivate`; accounts for emergencies, which no policy deactivates.',
    provedBy: [testOf('dormant'), TESTS.findings, TESTS.findingActions],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '8.2.7',
    asks: 'Accounts with which third parties come in remotely are enabled only while they are needed, and their use is watched.',
    answeredBy: {
      reports: ['access', 'elevations', 'access-changes'],
      queries: ['/api/v1/events', '/api/v1/findings'],
      events: ['ElevationApproved', 'ElevationEnded', 'SignedIn', 'ApplicationSignedIn'],
    },
    remains:
      'Which accounts are third parties’, that they get roles for a time and not for good, remote access to networks and machines, and that somebody watches.',
    provedBy: [testOf('access'), testOf('elevations'), TESTS.elevationsEnd, TESTS.findings],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '8.2.8',
    asks: 'Who has been idle for more than 15 minutes has to authenticate again.',
    answeredBy: { reports: ['configuration'], events: ['TenantRegistered', 'TenantChanged'] },
    remains:
      'Setting `session.idle` to 15 minutes or less (an hour unless set), the sessions that applications keep themselves, and screens that lock.',
    provedBy: [testOf('configuration'), TESTS.sessions],
    verification: 'secondary source',
  },
  {
    framework: 'pcidss',
    number: '10.2.1',
    asks: 'Logged are access of people, actions of administrators, access to the log, failed attempts, changes of credentials and accounts, starts and stops of the log, and making and deleting of system objects (10.2.1.1 to 10.2.1.7).',
    answeredBy: {
      reports: ['administrators', 'refusals', 'configuration'],
      queries: ['/api/v1/events'],
      events: ['SignedIn', 'SignInRefused', 'ApplicationSignedIn', 'AuditRead', 'ApiKeyCreated', 'RoleDefined'],
    },
    remains:
      'Access to card data inside applications, and credentials at the identity provider. Nobody can switch the log off, so there are no such events; of reads it counts together, a killed server takes at most ten minutes with it.',
    provedBy: [testOf('administrators'), testOf('refusals'), testOf('configuration'), TESTS.read, TESTS.sealed],
    verification: 'compared',
  },
];
