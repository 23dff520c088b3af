import { type Control, TESTS, testOf } from './control.js';

/** What is usually tested of access and change; the act has no numbers for it. */
export const SOX_ITGC: readonly Control[] = [
  {
    framework: 'sox',
    number: 'Provisioning',
    asks: 'New access was authorised before it was given.',
    answeredBy: {
      reports: ['jit-accounts', 'grants', 'elevations'],
      queries: ['/api/v1/access/{grant}/why'],
      events: ['UserProvisioned', 'RolesAssigned', 'ElevationApproved'],
    },
    remains: 'That the groups at the identity provider, by which rules give roles, were approved there.',
    provedBy: [testOf('jit-accounts'), testOf('grants'), testOf('elevations'), TESTS.why],
    verification: 'secondary source',
  },
  {
    framework: 'sox',
    number: 'Change of access',
    asks: 'Who changes work loses what the old work needed.',
    answeredBy: {
      reports: ['access-changes', 'joiners-movers-leavers'],
      events: ['ProfileUpdated', 'RolesAssigned', 'AccessRevoked'],
    },
    remains: 'That a change of work reaches the source of identities.',
    provedBy: [testOf('access-changes'), testOf('joiners-movers-leavers')],
    verification: 'secondary source',
  },
  {
    framework: 'sox',
    number: 'Removal',
    asks: 'Who leaves loses access in time.',
    answeredBy: {
      reports: ['joiners-movers-leavers', 'revocation-latency', 'revocations', 'access-changes'],
      events: ['UserDeactivated', 'AccessRevoked', 'SessionsEnded'],
    },
    remains: 'The day of leaving, as human resources have it.',
    provedBy: [
      testOf('joiners-movers-leavers'),
      testOf('revocation-latency'),
      testOf('revocations'),
      testOf('access-changes'),
    ],
    verification: 'secondary source',
  },
  {
    framework: 'sox',
    number: 'Review',
    asks: 'Access is reviewed regularly by those who know, over the whole population, and the outcome is carried out.',
    answeredBy: {
      reports: ['reviews', 'review-quality', 'access'],
      events: ['AccessReviewOpened', 'ReviewDecisionRecorded', 'ReviewItemClosed', 'AccessReviewSignedOff'],
    },
    remains: 'That reviewers understand what a role allows.',
    provedBy: [testOf('reviews'), testOf('review-quality'), TESTS.reviews, TESTS.impartial, TESTS.evidence],
    verification: 'secondary source',
  },
  {
    framework: 'sox',
    number: 'Privileged access',
    asks: 'Privileged access is restricted, for a reason, and what is done with it can be seen.',
    answeredBy: {
      reports: ['privileged-access', 'elevations', 'administrators'],
      events: ['ElevationRequested', 'ElevationApproved', 'ElevationEnded'],
    },
    remains: 'What somebody did inside an application.',
    provedBy: [TESTS.privileged, testOf('elevations'), testOf('administrators'), TESTS.elevations],
    verification: 'secondary source',
  },
  {
    framework: 'sox',
    number: 'Segregation of duties',
    asks: 'Nobody holds duties that conflict, or a compensating control is in place.',
    answeredBy: {
      reports: ['sod'],
      queries: ['/api/v1/sod-exceptions'],
      events: ['SodViolationDetected', 'SodConflictPrevented', 'SodExceptionGranted', 'SodExceptionEnded'],
    },
    remains: 'Which duties conflict, and that a compensating control works.',
    provedBy: [testOf('sod'), TESTS.segregation],
    verification: 'secondary source',
  },
  {
    framework: 'sox',
    number: 'Change management',
    asks: 'Changes of settings that decide about access are authorised, by somebody else than who asked, and on record.',
    answeredBy: {
      reports: ['configuration'],
      queries: ['/api/v1/changes'],
      events: [
        'ChangeHeld',
        'ChangeApproved',
        'ChangeApplied',
        'EmergencyChangeRecorded',
        'ConnectionChanged',
        'PolicyChanged',
      ],
    },
    remains: 'Changes of Gatebook’s own software and its servers.',
    provedBy: [testOf('configuration'), TESTS.secondPerson, TESTS.changes],
    verification: 'secondary source',
  },
];
