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
    remains: 'A schedule of six months or less in the policy of reviews.',
    provedBy: [testOf('reviews'), testOf('access'), TESTS.reviews],
    numberChecked: false,
  },
  {
    framework: 'pcidss',
    number: '7.2.5.1',
    asks: 'Access of application and system accounts is reviewed, as often as a risk analysis says.',
    answeredBy: {
      reports: ['reviews', 'access', 'orphan'],
      events: ['ReviewDecisionRecorded', 'AccessReviewSignedOff'],
    },
    remains: 'The risk analysis; accounts that do not exist in Gatebook.',
    provedBy: [testOf('reviews'), testOf('access'), testOf('orphan')],
    numberChecked: false,
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
    numberChecked: false,
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
    numberChecked: false,
  },
  {
    framework: 'pcidss',
    number: '8.2.5',
    asks: 'Access of those who leave is taken back at once.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'revocation-latency', 'revocations'],
      events: ['UserDeactivated', 'AccessRevoked', 'SessionsEnded'],
    },
    remains: 'That the source of identities tells at once.',
    provedBy: [testOf('revocation-latency'), testOf('revocations'), testOf('joiners-movers-leavers')],
    numberChecked: false,
  },
  {
    framework: 'pcidss',
    number: '8.2.6',
    asks: 'Accounts not used for 90 days are removed or disabled.',
    answeredBy: { reports: ['dormant'], events: ['FindingRaised', 'FindingActedUpon', 'UserDeactivated'] },
    remains: 'A policy on dormant accounts with 90 days or less, and an action.',
    provedBy: [testOf('dormant'), TESTS.findings],
    numberChecked: false,
  },
  {
    framework: 'pcidss',
    number: '10.2.1',
    asks: 'Logged are access of people, actions of administrators, access to the log, failed attempts, changes of credentials and accounts, and starts and stops of the log (10.2.1.1 to 10.2.1.7).',
    answeredBy: {
      reports: ['administrators', 'refusals', 'configuration'],
      queries: ['/api/v1/events'],
      events: ['SignedIn', 'SignInRefused', 'ApplicationSignedIn', 'AuditRead', 'ApiKeyCreated', 'RoleDefined'],
    },
    remains: 'Access to card data inside applications; the log here cannot be stopped, so there are no such events.',
    provedBy: [testOf('administrators'), testOf('refusals'), testOf('configuration'), TESTS.read, TESTS.sealed],
    numberChecked: true,
  },
];
