import { type Control, TESTS, testOf } from './control.js';

/** Administrative and technical safeguards over access. */
export const HIPAA: readonly Control[] = [
  {
    framework: 'hipaa',
    number: '164.308(a)(3)(ii)(C)',
    asks: 'Access ends when somebody leaves, or no longer may have it.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'revocation-latency', 'revocations', 'access-changes'],
      events: ['UserDeactivated', 'AccessRevoked', 'SessionsEnded'],
    },
    remains: 'Keys, cards and devices.',
    provedBy: [
      testOf('joiners-movers-leavers'),
      testOf('revocation-latency'),
      testOf('revocations'),
      testOf('access-changes'),
    ],
    verification: 'secondary source',
  },
  {
    framework: 'hipaa',
    number: '164.308(a)(4)',
    asks: 'Access to protected information is authorised, established and changed by policy.',
    answeredBy: {
      reports: ['access', 'access-changes', 'reviews', 'elevations'],
      queries: ['/api/v1/access/{grant}/why'],
      events: ['RolesAssigned', 'AccessRevoked', 'ElevationApproved'],
    },
    remains: 'Which applications hold protected information, and the separation of a clearinghouse.',
    provedBy: [testOf('access'), testOf('access-changes'), testOf('reviews'), TESTS.why],
    verification: 'secondary source',
  },
  {
    framework: 'hipaa',
    number: '164.312(b)',
    asks: 'Activity in systems with protected information is recorded and can be examined.',
    answeredBy: {
      reports: ['administrators', 'refusals'],
      queries: ['/api/v1/events', '/api/v1/events/export', '/api/v1/ledger/verification'],
      events: ['SignedIn', 'ApplicationSignedIn', 'SignInRefused', 'AuditRead'],
    },
    remains: 'What happens inside applications after the sign-in, and that somebody looks.',
    provedBy: [testOf('administrators'), testOf('refusals'), TESTS.read, TESTS.exported, TESTS.sealed],
    verification: 'secondary source',
  },
];
