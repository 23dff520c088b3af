import { deciding, type Fact, records, refuses, seededId } from '#libs/testing';
import { reviewItemDecider } from './review-item.decider.js';
import {
  ADA,
  AFTER,
  asItWas,
  assigned,
  BO,
  CAUSE,
  CY,
  closed,
  DEE,
  decide,
  decided,
  ENDS,
  inTwoStages,
  KEY,
  OLGA,
  opened,
  passOn,
  reopened,
} from './review-item.fixture.js';

const item = deciding(reviewItemDecider);
const LATER = '2026-06-01T00:00:00.000Z';
const cyNext = { reviewers: [CY], reviewersAs: 'manager', flags: [], stageDueAt: ENDS } as const;
const secondStage = () => [
  inTwoStages(),
  decided(),
  assigned({ why: 'next-stage', stage: 1, reviewers: [CY], reviewersAs: 'manager' }),
];

describe('a reviewer who certifies', () => {
  it('ends the question: the account as it was seen is on record', () =>
    item
      .given(opened())
      .when(decide('certify'))
      .then(
        records('ReviewDecisionRecorded', {
          decision: 'certify',
          by: OLGA,
          accountRevision: 3,
          tookMs: 4000,
          flags: [],
        }),
        records('ReviewItemClosed', { outcome: 'certified', because: null, effectAfterMs: null }),
      ));

  it('certifies what is there now, also when it is not what was asked about', () =>
    item
      .given(opened())
      .when(decide('certify', { facts: { ...asItWas, fingerprint: AFTER } }))
      .then(
        records('ReviewDecisionRecorded', { fingerprint: AFTER }),
        records('ReviewItemClosed', { fingerprint: AFTER }),
      ));

  it('hands the question on while stages remain', () =>
    item
      .given(inTwoStages())
      .when(decide('certify', { next: cyNext }))
      .then(
        records('ReviewDecisionRecorded', { stage: 0 }),
        records('ReviewItemAssigned', { stage: 1, why: 'next-stage', reviewers: [CY], stageDueAt: ENDS, by: null }),
      ));

  it('ends it in the last stage', () =>
    item
      .given(...secondStage())
      .when(decide('certify', { by: CY, stage: 1 }))
      .then(records('ReviewDecisionRecorded', { stage: 1 }), records('ReviewItemClosed', { outcome: 'certified' })));

  it('cannot add to what an earlier stage certified of something else; to revoke is always possible', () => {
    const changed = { by: CY, stage: 1, facts: { ...asItWas, fingerprint: AFTER } };
    item
      .given(...secondStage())
      .when(decide('certify', changed))
      .then(refuses('review-item-changed'));
    item
      .given(...secondStage())
      .when(decide('revoke', changed))
      .then(records('ReviewDecisionRecorded', { decision: 'revoke', fingerprint: AFTER }));
  });

  it('cannot do so in two stages, unless people may decide about themselves; to revoke is always possible', () => {
    const toOlga = assigned({ why: 'next-stage', stage: 1, reviewers: [OLGA], reviewersAs: 'manager' });
    const twice = item.given(inTwoStages(), decided(), toOlga);
    twice.when(decide('certify', { stage: 1 })).then(refuses('certified-before'));
    twice.when(decide('revoke', { stage: 1 })).then(records('ReviewDecisionRecorded', { decision: 'revoke' }));
    twice
      .when(decide('certify', { stage: 1, terms: { selfReview: true, reasons: [] } }))
      .then(records('ReviewDecisionRecorded', { stage: 1 }), records('ReviewItemClosed', { outcome: 'certified' }));
  });

  it('is not asked in a later stage by those who are', () =>
    item
      .given(...secondStage())
      .when(passOn('reassign', OLGA, { by: CY, stage: 1 }))
      .then(refuses('invalid-new-reviewer')));

  it('may do so again when the question is put again', () => {
    const anew = [reopened(), assigned({ why: 'reopened', reviewers: [OLGA] })];
    item
      .given(...secondStage(), ...anew)
      .when(decide('certify', { next: cyNext, facts: { ...asItWas, fingerprint: AFTER } }))
      .then(records('ReviewDecisionRecorded', { stage: 0 }), records('ReviewItemAssigned', { stage: 1 }));
  });

  it('is a mistake of the caller when stages remain and nobody is said to be asked next', () =>
    expect(() => item.given(inTwoStages()).when(decide('certify')).events).toThrow(TypeError));
});

describe('a reviewer who revokes', () => {
  it('ends the question in whichever stage; the item stays until the effect is confirmed', () => {
    const revocation = item.given(inTwoStages()).when(decide('revoke'));
    revocation.then(records('ReviewDecisionRecorded', { decision: 'revoke', until: null }));
    const after = item.given(inTwoStages(), decided({ decision: 'revoke', reason: 'left' }, CAUSE)).state;
    expect(after).toMatchObject({ status: 'revoking', decision: { event: CAUSE, decision: 'revoke', reason: 'left' } });
  });

  it.each([null, '', '  '])('has to say why: %j is no reason', (reason) =>
    item.given(opened()).when(decide('revoke', { reason })).then(refuses('review-reason-required')),
  );
});

describe('a reviewer who reduces', () => {
  it('says until when the grant may go on', () =>
    item
      .given(opened())
      .when(decide('reduce', { until: LATER }))
      .then(records('ReviewDecisionRecorded', { decision: 'reduce', until: LATER })));

  it.each<[string, string | null, string | null]>([
    ['nothing is said', null, null],
    ['it is over', '2026-03-01T00:00:00.000Z', null],
    ['it is now', '2026-03-03T08:00:00.000Z', null],
    ['the grant ends earlier', LATER, ENDS],
    ['the grant ends then anyway', LATER, LATER],
  ])('is refused when %s', (_why, until, grantUntil) =>
    item
      .given(opened())
      .when(decide('reduce', { until, facts: { ...asItWas, grantUntil } }, '2026-03-03T08:00:00.000Z'))
      .then(refuses('review-until-invalid')),
  );

  it('has nothing to reduce where a role was only kept back', () =>
    item
      .given(opened({ grant: null, source: null }))
      .when(decide('reduce', { until: LATER }))
      .then(refuses('review-until-invalid')));
});

describe('a role that was kept back', () => {
  const keptBack = () => opened({ grant: null, source: null });
  it('is not given by certifying, and withheld by revoking', () => {
    item
      .given(keptBack())
      .when(decide('certify'))
      .then(records('ReviewDecisionRecorded', { grant: null }), records('ReviewItemClosed', { outcome: 'certified' }));
    item
      .given(keptBack())
      .when(decide('revoke'))
      .then(records('ReviewDecisionRecorded', { grant: null }));
  });
});

describe('a reviewer who abstains', () => {
  it('leaves it to the others', () => {
    item
      .given(opened())
      .when(decide('abstain'))
      .then(records('ReviewDecisionRecorded', { decision: 'abstain' }));
    expect(item.given(opened(), decided({ decision: 'abstain' })).state.reviewers).toEqual([BO]);
  });

  const fallback = { reviewers: [OLGA, CY], reviewersAs: 'fallback', flags: [] } as const;
  it('makes room for the fallback when nobody is left, and is not asked again', () =>
    item
      .given(opened({ reviewers: [OLGA] }))
      .when(decide('abstain', { fallback }))
      .then(
        records('ReviewDecisionRecorded'),
        records('ReviewItemAssigned', { why: 'reviewer-gone', reviewers: [CY], reviewersAs: 'fallback', by: null }),
      ));

  it('leaves nobody when there is no other', () => {
    const last = opened({ reviewers: [OLGA] });
    item
      .given(last)
      .when(decide('abstain', { fallback: { ...fallback, reviewers: [OLGA] } }))
      .then(records('ReviewDecisionRecorded'));
    expect(item.given(last, decided({ decision: 'abstain' })).state.reviewers).toEqual([]);
  });

  it('may do so also about themselves', () =>
    item
      .given(opened({ reviewers: [ADA] }))
      .when(decide('abstain', { by: ADA }))
      .then(records('ReviewDecisionRecorded', { flags: ['ownGrant'] })));
});

describe('who may decide', () => {
  it('is whom the item asks, and nobody else', () => {
    item
      .given(opened())
      .when(decide('certify', { by: DEE }))
      .then(refuses('not-a-reviewer'));
    item.given(opened(), assigned()).when(decide('certify')).then(refuses('not-a-reviewer'));
    item
      .given(opened(), decided({ decision: 'abstain' }))
      .when(decide('certify'))
      .then(refuses('not-a-reviewer'));
  });

  it.each(['certify', 'revoke'] as const)('is nobody who holds it or approved it: not to %s', (decision) => {
    const aboutOwn = { by: ADA };
    item
      .given(opened({ reviewers: [ADA] }))
      .when(decide(decision, aboutOwn))
      .then(refuses('own-grant'));
    item
      .given(opened())
      .when(decide(decision, { approvedBy: new Set([OLGA]) }))
      .then(refuses('approved-by-reviewer'));
  });

  it.each(['certify', 'revoke'] as const)(
    'is nobody through the key of who holds or approved it: not to %s',
    (decision) => {
      const key = { kind: 'key', id: seededId('key') } as const;
      const keyOf = (account: string) => ({ by: key, behind: new Map([[`key:${key.id}`, `account:${account}`]]) });
      item
        .given(opened())
        .when({ ...decide(decision), ...keyOf(ADA) })
        .then(refuses('own-grant'));
      item
        .given(opened())
        .when({ ...decide(decision, { approvedBy: new Set([seededId('giver')]) }), ...keyOf(seededId('giver')) })
        .then(refuses('approved-by-reviewer'));
      item
        .given(opened())
        .when({ ...decide('abstain'), ...keyOf(ADA) })
        .then(records('ReviewDecisionRecorded', { flags: ['ownGrant'] }));
    },
  );

  it('is they as well where the policy says so, and then it is flagged', () =>
    item
      .given(opened({ reviewers: [ADA] }))
      .when(decide('revoke', { by: ADA, approvedBy: new Set([ADA]), terms: { selfReview: true, reasons: [] } }))
      .then(records('ReviewDecisionRecorded', { flags: ['ownGrant', 'approvedByReviewer'] })));

  it('is named beside the key that carried the decision', () =>
    item
      .given(opened())
      .when(decide('revoke', { via: 'apiKey', apiKey: KEY, bulk: true }))
      .then(records('ReviewDecisionRecorded', { by: OLGA, decidedVia: 'apiKey', apiKey: KEY, bulk: true })));
});

describe('a policy that asks for reasons', () => {
  it('gets them for those decisions', () => {
    const terms = { selfReview: false, reasons: ['certify' as const, 'reassign' as const] };
    item
      .given(opened())
      .when(decide('certify', { terms, reason: null }))
      .then(refuses('review-reason-required'));
    item
      .given(opened())
      .when(passOn('reassign', CY, { terms, reason: ' ' }))
      .then(refuses('review-reason-required'));
    item
      .given(opened())
      .when(decide('abstain', { terms, reason: null }))
      .then(records('ReviewDecisionRecorded'));
  });
});

describe('two reviewers at once', () => {
  const byBo = decide('certify', { by: BO });
  it.each<[string, Fact[]]>([
    ['certified', [opened(), decided(), closed('certified')]],
    ['revoked', [opened(), decided({ decision: 'revoke' })]],
  ])('are told apart: the second finds it %s', (_how, history) =>
    item
      .given(...history)
      .when(byBo)
      .then(refuses('review-item-closed')),
  );

  it('settle one stage and not two', () => {
    item
      .given(...secondStage())
      .when(byBo)
      .then(refuses('review-item-stage-over'));
    const inBoth = [inTwoStages(), decided(), assigned({ why: 'next-stage', stage: 1, reviewers: [BO] })];
    item
      .given(...inBoth)
      .when(byBo)
      .then(refuses('review-item-stage-over'));
  });
});

describe('a grant that ended meanwhile', () => {
  const gone = { facts: { ...asItWas, grantOpen: false, endedBy: CAUSE } };
  it.each(['certify', 'revoke', 'reduce', 'abstain'] as const)('leaves nothing to %s', (decision) =>
    item
      .given(opened())
      .when(decide(decision, { ...gone, reason: null }))
      .then(records('ReviewItemClosed', { outcome: 'moot', because: CAUSE, effectAfterMs: null })),
  );

  it('leaves nothing to pass on', () =>
    item
      .given(opened())
      .when(passOn('delegate', CY, gone))
      .then(records('ReviewItemClosed', { outcome: 'moot' })));

  it('is nothing that outsiders could find out', () =>
    item
      .given(opened())
      .when(decide('certify', { ...gone, by: DEE }))
      .then(refuses('not-a-reviewer')));
});

describe('a reviewer who passes it on', () => {
  it('is asked no more when it is reassigned, nor are the others', () =>
    item
      .given(opened())
      .when(passOn('reassign', CY))
      .then(
        records('ReviewDecisionRecorded', { decision: 'reassign', to: CY }),
        records('ReviewItemAssigned', { why: 'reassigned', reviewers: [CY], reviewersAs: 'named', by: OLGA, stage: 0 }),
      ));

  it('is asked beside whom it is delegated to', () =>
    item
      .given(opened())
      .when(passOn('delegate', CY))
      .then(
        records('ReviewDecisionRecorded', { decision: 'delegate', to: CY }),
        records('ReviewItemAssigned', { why: 'delegated', reviewers: [OLGA, BO, CY], by: OLGA }),
      ));

  it.each<[string, string, readonly string[]]>([
    ['themselves', OLGA, []],
    ['whoever holds it', ADA, []],
    ['whoever approved it', CY, [CY]],
  ])('cannot pass it on to %s', (_who, to, approvers) =>
    item
      .given(opened())
      .when(passOn('reassign', to, { approvedBy: new Set(approvers) }))
      .then(refuses('invalid-new-reviewer')),
  );

  it('may pass it on to its holder where the policy lets people review themselves, flagged', () =>
    item
      .given(opened())
      .when(passOn('delegate', ADA, { terms: { selfReview: true, reasons: [] } }))
      .then(records('ReviewDecisionRecorded'), records('ReviewItemAssigned', { flags: ['ownGrant'] })));

  it('must be one who is asked', () => {
    item
      .given(opened())
      .when(passOn('reassign', CY, { by: DEE }))
      .then(refuses('not-a-reviewer'));
    item
      .given(opened(), decided(), closed('certified'))
      .when(passOn('reassign', CY))
      .then(refuses('review-item-closed'));
  });

  it('cannot ask more people than an item can name', () => {
    const many = Array.from({ length: 50 }, (_, n) => `00000000-0000-4000-8000-${String(900 + n).padStart(12, '0')}`);
    const crowded = opened({ reviewers: [...many.slice(1), OLGA] });
    item.given(crowded).when(passOn('delegate', CY)).then(refuses('too-many-reviewers'));
    item
      .given(crowded)
      .when(passOn('delegate', BO, {}))
      .then(refuses('too-many-reviewers'));
    item
      .given(crowded)
      .when(passOn('reassign', CY))
      .then(records('ReviewDecisionRecorded'), records('ReviewItemAssigned'));
  });
});
