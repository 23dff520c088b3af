import { type Control, TESTS, testOf } from './control.js';

/** Logical access, of the common criteria. */
export const SOC_2: readonly Control[] = [
  {
    framework: 'soc2',
    number: 'CC6.1',
    asks: 'Access to protected systems is restricted to those who are identified and authorised.',
    answeredBy: {
      reports: ['access', 'privileged-access', 'refusals', 'configuration'],
      queries: ['/api/v1/access', '/api/v1/access/{grant}/why'],
      events: ['SignedIn', 'SignInRefused', 'RolesAssigned'],
    },
    remains:
      'Which systems are protected, access that does not go through Gatebook, networks, and the encryption of data.',
    provedBy: [testOf('access'), testOf('refusals'), TESTS.pointInTime, TESTS.why],
    verification: 'secondary source',
  },
  {
    framework: 'soc2',
    number: 'CC6.2',
    asks: 'People are registered and authorised before they get access, and lose it when they no longer need it.',
    answeredBy: {
      reports: ['jit-accounts', 'joiners-movers-leavers', 'access-changes', 'revocation-latency'],
      events: ['UserProvisioned', 'RolesAssigned', 'UserDeactivated', 'AccessRevoked'],
    },
    remains: 'That the source of identities (human resources, the identity provider) is told in time.',
    provedBy: [
      testOf('jit-accounts'),
      testOf('joiners-movers-leavers'),
      testOf('access-changes'),
      testOf('revocation-latency'),
    ],
    verification: 'secondary source',
  },
  {
    framework: 'soc2',
    number: 'CC6.3',
    asks: 'Access follows roles and duties, by least privilege and segregation of duties, and is reviewed and changed accordingly.',
    answeredBy: {
      reports: ['access-changes', 'reviews', 'review-quality', 'sod', 'revocations'],
      queries: ['/api/v1/access-reviews', '/api/v1/policies'],
      events: ['ReviewDecisionRecorded', 'SodConflictPrevented', 'AccessRevoked'],
    },
    remains: 'How often to review: the criteria do not say, the policy of reviews does.',
    provedBy: [testOf('reviews'), testOf('review-quality'), testOf('sod'), TESTS.reviews, TESTS.segregation],
    verification: 'secondary source',
  },
];
