import type { ReviewItemReopened } from '#libs/contracts';
import { at, deciding, type Fact, historyOf, nothing, records, refuses } from '#libs/testing';
import type { AssignItem, ExpireItem, ReopenItem } from './review-item.commands.js';
import { reviewItemDecider } from './review-item.decider.js';
import {
  AFTER,
  asItWas,
  assigned,
  BEFORE,
  BO,
  CAUSE,
  CY,
  closed,
  DEE,
  decide,
  decided,
  ENDS,
  inTwoStages,
  OLGA,
  opened,
  question,
  reminded,
  reopened,
} from './review-item.fixture.js';
import { needsReopening } from './review-item.state.js';

const item = deciding(reviewItemDecider);
const open = (carriedForward: string | null = null) =>
  ({ type: 'OpenItem', data: { ...question, carriedForward } }) as const;
const assign = (why: AssignItem['data']['why'], reviewers: string[], stage = 0) =>
  ({
    type: 'AssignItem',
    data: { why, stage, assignment: { reviewers, reviewersAs: 'fallback', flags: [] }, reason: null },
  }) as const;
const remind = (due: string, stage = 0) => ({ type: 'RemindItem', data: { stage, due } }) as const;
const expire = (over: Partial<ExpireItem['data']> = {}, when = ENDS) =>
  ({
    type: 'ExpireItem',
    data: { stage: 0, outcome: 'revoke', delivered: true, facts: asItWas, reason: 'nobody answered', ...over },
    at: when,
  }) as const;
const confirm = (effectiveAt: string) =>
  ({ type: 'ConfirmItemEffect', data: { because: CAUSE, effectiveAt } }) as const;
const moot = (accountEnded = false) => ({ type: 'CloseItemAsMoot', data: { because: CAUSE, accountEnded } }) as const;
const reopen = (over: Partial<ReopenItem['data']> = {}) =>
  ({
    type: 'ReopenItem',
    data: {
      changed: ['department'] as ReviewItemReopened['data']['changed'],
      event: CAUSE,
      fingerprint: AFTER,
      assignment: { reviewers: [CY], reviewersAs: 'manager', flags: [] },
      stageDueAt: ENDS,
      dueAt: ENDS,
      ...over,
    },
  }) as const;
const certified = (): Fact[] => [opened(), decided(), closed('certified')];
const revoking = (): Fact[] => [opened(), at('2026-03-02T08:00:00.000Z', decided({ decision: 'revoke' }))];

describe('a question', () => {
  it('is put once', () => {
    item.given().when(open()).then(records('ReviewItemOpened', question));
    item.given(opened()).when(open()).then(nothing);
  });

  it('is answered at once by a decision that is carried forward', () =>
    item
      .given()
      .when(open(CAUSE))
      .then(
        records('ReviewItemOpened', question),
        records('ReviewItemClosed', { outcome: 'carriedForward', because: CAUSE, fingerprint: BEFORE }),
      ));

  it('must have been put before anything else', () => {
    item.given().when(decide('certify')).then(refuses('review-item-not-found'));
    item.given().when(moot()).then(refuses('review-item-not-found'));
  });

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(opened());
    const unknown = { ...event, type: 'ReviewItemForgotten' };
    expect(() => reviewItemDecider.evolve(reviewItemDecider.initialState, unknown as never)).toThrow(
      'A review item cannot fold ReviewItemForgotten.',
    );
  });
});

describe('asking others', () => {
  it('as well, when time runs out, happens once in a stage', () => {
    item
      .given(opened())
      .when(assign('escalated', [CY]))
      .then(
        records('ReviewItemAssigned', {
          why: 'escalated',
          reviewers: [OLGA, BO, CY],
          reviewersAs: 'roleOwner',
          by: null,
        }),
      );
    const escalated = assigned({ why: 'escalated', reviewers: [OLGA, BO, CY] });
    item
      .given(opened(), escalated)
      .when(assign('escalated', [DEE]))
      .then(nothing);
    const nextStage = assigned({ why: 'next-stage', stage: 1, reviewers: [BO] });
    item
      .given(inTwoStages(), escalated, decided(), nextStage)
      .when(assign('escalated', [CY], 1))
      .then(records('ReviewItemAssigned', { reviewers: [BO, CY], stage: 1 }));
  });

  it('as well, is on record also where it leads to the same people, or to nobody', () => {
    item
      .given(opened())
      .when(assign('escalated', [OLGA]))
      .then(records('ReviewItemAssigned', { why: 'escalated', reviewers: [OLGA, BO], reviewersAs: 'roleOwner' }));
    item
      .given(opened({ reviewers: [], reviewersAs: 'nobody' }))
      .when(assign('escalated', []))
      .then(records('ReviewItemAssigned', { why: 'escalated', reviewers: [] }));
  });

  it('when somebody is found at last, asks nobody who is asked already', () => {
    item
      .given(opened({ reviewers: [], reviewersAs: 'nobody' }))
      .when(assign('reviewer-found', [CY]))
      .then(records('ReviewItemAssigned', { why: 'reviewer-found', reviewers: [CY], reviewersAs: 'fallback' }));
    item
      .given(opened())
      .when(assign('reviewer-found', [CY]))
      .then(nothing);
  });

  it('instead, when somebody cannot decide any more', () =>
    item
      .given(opened())
      .when(assign('reviewer-gone', [BO, CY]))
      .then(records('ReviewItemAssigned', { why: 'reviewer-gone', reviewers: [BO, CY], reviewersAs: 'fallback' })));

  it('may leave nobody, and says so', () => {
    item
      .given(opened())
      .when(assign('reviewer-gone', []))
      .then(records('ReviewItemAssigned', { reviewers: [] }));
    item
      .given(opened({ reviewers: [], reviewersAs: 'nobody' }))
      .when(assign('escalated', [CY]))
      .then(records('ReviewItemAssigned', { reviewers: [CY], reviewersAs: 'fallback' }));
  });

  it.each<[string, Fact[], AssignItem['data']['why'], string[]]>([
    ['the same people are asked', [opened()], 'reviewer-gone', [BO, OLGA]],
    ['it is answered', certified(), 'reviewer-gone', [CY]],
    ['the stage is over', [inTwoStages(), decided(), assigned({ why: 'next-stage', stage: 1 })], 'escalated', [DEE]],
  ])('changes nothing when %s', (_why, history, why, reviewers) =>
    item
      .given(...history)
      .when(assign(why, reviewers))
      .then(nothing),
  );
});

describe('a reminder', () => {
  const DUE = '2026-03-05T08:00:00.000Z';
  it('goes to those who have not decided', () =>
    item
      .given(opened())
      .when(remind(DUE))
      .then(records('ReviewItemReminded', { reviewers: [OLGA, BO], stage: 0 })));

  it('is given once for each time that it is due', () => {
    const late = at('2026-03-05T08:00:01.000Z', reminded());
    item.given(opened(), late).when(remind(DUE)).then(nothing);
    item.given(opened(), late).when(remind('2026-03-06T08:00:00.000Z')).then(records('ReviewItemReminded'));
  });

  it('is given to nobody where nobody is asked, and of nothing that is answered', () => {
    item
      .given(opened({ reviewers: [] }))
      .when(remind(DUE))
      .then(nothing);
    item
      .given(...certified())
      .when(remind(DUE))
      .then(nothing);
    item.given(opened()).when(remind(DUE, 1)).then(nothing);
  });
});

describe('a question that nobody answers', () => {
  it('ends without anything being taken away', () =>
    item
      .given(opened())
      .when(expire({ outcome: 'keep' }))
      .then(records('ReviewItemClosed', { outcome: 'expired', because: null })));

  it('takes the grant where the policy says so', () =>
    item
      .given(opened(), reminded())
      .when(expire())
      .then(
        records('ReviewDecisionRecorded', {
          decision: 'revoke',
          by: null,
          decidedVia: 'system',
          reason: 'nobody answered',
        }),
      ));

  it.each<[string, Fact[], Partial<ExpireItem['data']>, string]>([
    ['nobody was told', [opened(), reminded()], { delivered: false }, ENDS],
    ['nobody was reminded', [opened()], {}, ENDS],
    [
      'it was reminded of in an earlier stage only',
      [inTwoStages(), reminded(), decided(), assigned({ why: 'next-stage', stage: 1 })],
      { stage: 1 },
      ENDS,
    ],
    ['there was still time', [opened(), reminded()], {}, '2026-03-08T07:59:59.999Z'],
  ])('takes nothing when %s', (_why, history, over, when) =>
    item
      .given(...history)
      .when(expire(over, when))
      .then(records('ReviewItemClosed', { outcome: 'expired' })),
  );

  it('is moot when the grant is gone', () =>
    item
      .given(opened(), reminded())
      .when(expire({ facts: { ...asItWas, grantOpen: false, endedBy: CAUSE } }))
      .then(records('ReviewItemClosed', { outcome: 'moot', because: CAUSE })));

  it('is answered after all when the answer comes first', () => {
    item
      .given(...certified())
      .when(expire())
      .then(nothing);
    item
      .given(inTwoStages(), reminded(), decided(), assigned({ why: 'next-stage', stage: 1 }))
      .when(expire())
      .then(nothing);
  });
});

describe('an effect', () => {
  it('closes the item, and says how long it took', () =>
    item
      .given(...revoking())
      .when(confirm('2026-03-02T08:00:00.250Z'))
      .then(records('ReviewItemClosed', { outcome: 'revoked', because: CAUSE, effectAfterMs: 250 })));

  it('of a reduction is called so', () =>
    item
      .given(opened(), decided({ decision: 'reduce', until: ENDS }))
      .when(confirm(ENDS))
      .then(records('ReviewItemClosed', { outcome: 'reduced' })));

  it('never takes less than no time, whatever the clocks say', () =>
    item
      .given(...revoking())
      .when(confirm('2026-03-02T07:00:00.000Z'))
      .then(records('ReviewItemClosed', { effectAfterMs: 0 })));

  it('is confirmed once, and only of what was decided', () => {
    item
      .given(...revoking(), closed('revoked'))
      .when(confirm(ENDS))
      .then(nothing);
    item.given(opened()).when(confirm(ENDS)).then(nothing);
  });
});

describe('a grant that ends by itself', () => {
  it('makes the question moot', () =>
    item
      .given(opened())
      .when(moot())
      .then(records('ReviewItemClosed', { outcome: 'moot', because: CAUSE })));

  it('does not undo what was decided, except where there is no account left', () => {
    item
      .given(...revoking())
      .when(moot())
      .then(nothing);
    item
      .given(...revoking())
      .when(moot(true))
      .then(records('ReviewItemClosed', { outcome: 'moot' }));
    item
      .given(...certified())
      .when(moot(true))
      .then(nothing);
  });
});

describe('what was certified and has changed', () => {
  const asked = records('ReviewItemAssigned', { why: 'reopened', stage: 0, reviewers: [CY], stageDueAt: ENDS });
  it.each<[string, Fact[]]>([
    ['in the end', certified()],
    ['by an earlier decision', [opened(), closed('carriedForward')]],
    ['in an earlier stage', [inTwoStages(), decided(), assigned({ why: 'next-stage', stage: 1 })]],
  ])('%s, is asked again from the first stage on', (_when, history) =>
    item
      .given(...history)
      .when(reopen())
      .then(records('ReviewItemReopened', { changed: ['department'], event: CAUSE, fingerprint: AFTER }), asked),
  );

  it.each<[string, Fact[], string]>([
    ['nothing has changed', certified(), BEFORE],
    ['nobody has certified anything', [opened()], AFTER],
    ['it was revoked', [...revoking(), closed('revoked')], AFTER],
    ['nobody answered', [opened(), closed('expired')], AFTER],
    ['it is being asked again already', [...certified(), reopened(), assigned({ why: 'reopened' })], AFTER],
  ])('is not asked when %s', (_why, history, fingerprint) =>
    item
      .given(...history)
      .when(reopen({ fingerprint }))
      .then(nothing),
  );

  it('begins afresh: no decision of before counts', () => {
    const again = item.given(...certified(), reopened(), assigned({ why: 'reopened' }));
    expect(again.state).toMatchObject({ status: 'open', decision: null, outcome: null, stage: 0, reviewers: [CY] });
    again
      .when(decide('certify', { by: CY, facts: { ...asItWas, fingerprint: AFTER } }))
      .then(records('ReviewDecisionRecorded'), records('ReviewItemClosed', { fingerprint: AFTER }));
    expect(needsReopening(again.state, BEFORE)).toBe(false);
  });
});
