import type { AccessReviewOpened, ReviewPolicy } from '#libs/contracts';
import { type Actor, system } from '#libs/kernel';
import {
  type Asked,
  at,
  deciding,
  doneBy,
  type Fact,
  historyOf,
  nothing,
  records,
  refuses,
  seededId,
} from '#libs/testing';
import {
  type AccessReviewCommand,
  accessReviewDecider,
  type CloseReview,
  type SignOffReview,
} from './access-review.decider.js';

const review = deciding(accessReviewDecider);
const [id, cause, olga, bo, key] = ['review', 'cause', 'olga', 'bo', 'key'].map((word) => seededId(word)) as [
  string,
  string,
  string,
  string,
  string,
];
const CONFIRM = 'c'.repeat(64);
const NINE = '2026-03-02T09:00:00.000Z';

const terms: ReviewPolicy = {
  kind: 'review',
  triggers: ['privilegedRoleGranted'],
  schedule: null,
  timeZone: null,
  scope: { roles: [], applications: [], people: [], connections: [], privileged: false, orphans: false },
  stages: [{ reviewers: [{ kind: 'manager', principal: null }], fallback: [] }],
  due: 'P7D',
  reminders: [],
  escalation: null,
  noResponse: 'revoke',
  maxRevocations: { percent: 5, atLeast: 10 },
  carryForward: null,
  control: null,
  selfReview: false,
  reasons: [],
  signOff: null,
};
const birth: Omit<AccessReviewOpened['data'], 'dueAt'> = {
  review: id,
  title: 'Privileged grants',
  policy: 'privileged-grants',
  policyVersion: 1,
  trigger: { reason: 'privilegedRoleGranted', event: cause },
  terms,
  account: olga,
  knownAt: null,
  reason: null,
};
const fact = (type: string, data: object): Fact => ({
  category: 'accessReview',
  tenant: 'acme',
  id,
  event: () => ({ type, data: { review: id, ...data } }),
});
const opened = fact('AccessReviewOpened', { ...birth, dueAt: '2026-03-09T08:00:00.000Z' });
const populated = fact('AccessReviewPopulated', { items: 12, carriedForward: 0, tookMs: 1 });
const held = fact('AccessReviewHeld', { revocations: 11, items: 12, limit: 10, confirm: CONFIRM });
const closed = fact('AccessReviewClosed', { code: 'complete', outcomes: {}, reason: null });
const signedOff = fact('AccessReviewSignedOff', { by: bo, via: 'session', apiKey: null, reason: 'well done' });

const open: Asked<AccessReviewCommand> = { type: 'OpenReview', data: birth };
const populate = (items: number, carriedForward = 0) =>
  ({ type: 'MarkPopulated', data: { items, carriedForward } }) as const;
const hold = (confirm = CONFIRM) =>
  ({ type: 'HoldReview', data: { revocations: 11, items: 12, limit: 10, confirm } }) as const;
const close = (code: CloseReview['data']['code'], over: Partial<CloseReview['data']> = {}) =>
  ({ type: 'CloseReview', data: { code, outcomes: { certified: 12 }, confirm: null, reason: null, ...over } }) as const;
const signOff = (over: Partial<SignOffReview['data']> = {}): Asked<SignOffReview> => ({
  type: 'SignOffReview',
  data: {
    by: bo,
    via: 'session',
    apiKey: null,
    reason: 'complete and in time',
    deciders: new Set([olga]),
    mayOwn: true,
    signOff: null,
    ...over,
  },
});

describe('an access review', () => {
  it('is opened once, and due when the time of its terms is over', () => {
    review
      .given()
      .when({ ...open, at: NINE })
      .then(records('AccessReviewOpened', { ...birth, dueAt: '2026-03-09T09:00:00.000Z' }));
    review.given(opened).when(open).then(nothing);
    review.given(opened, populated, closed).when(open).then(nothing);
  });

  it('remembers who opened it, when, and on which terms', () => {
    const actor: Actor = { kind: 'account', id: olga };
    expect(review.given(at(NINE, doneBy(actor, opened))).state).toMatchObject({
      status: 'building',
      openedBy: actor,
      openedAt: NINE,
      terms,
    });
    expect(review.given(opened).state.openedBy).toEqual(system('configuration'));
  });

  it('is open when every item is there, and says how long that took', () => {
    review
      .given(at(NINE, opened))
      .when({ ...populate(12, 2), at: '2026-03-02T09:00:04.500Z' })
      .then(records('AccessReviewPopulated', { items: 12, carriedForward: 2, tookMs: 4500 }));
    review.given(opened, populated).when(populate(12)).then(nothing);
    expect(review.given(opened, populated).state).toMatchObject({ status: 'open', items: 12, carriedForward: 0 });
  });

  it.each<[string, number, number, object]>([
    ['no items', 0, 0, {}],
    ['nothing but what is carried forward', 3, 3, { carriedForward: 3 }],
  ])('with %s is complete at once', (_what, items, carriedForward, outcomes) =>
    review
      .given(opened)
      .when(populate(items, carriedForward))
      .then(records('AccessReviewPopulated'), records('AccessReviewClosed', { code: 'complete', outcomes })),
  );

  it.each<AccessReviewCommand['type']>(['MarkPopulated', 'HoldReview', 'CloseReview', 'SignOffReview'])(
    'must be there for %s',
    (type) =>
      review
        .given()
        .when({ type, data: {} } as never)
        .then(refuses('access-review-not-found')),
  );

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(opened);
    const unknown = { ...event, type: 'AccessReviewLost' } as never;
    expect(() => accessReviewDecider.evolve(accessReviewDecider.initialState, unknown)).toThrow(
      'An access review cannot fold AccessReviewLost.',
    );
  });
});

describe('closing an access review', () => {
  it('says how it came to its end, and what its items came to', () => {
    review
      .given(opened, populated)
      .when(close('complete'))
      .then(records('AccessReviewClosed', { code: 'complete', outcomes: { certified: 12 } }));
    review
      .given(opened, populated)
      .when(close('overdue'))
      .then(records('AccessReviewClosed', { code: 'overdue' }));
  });

  it('by hand needs a reason', () => {
    review.given(opened, populated).when(close('by-hand')).then(refuses('review-reason-required'));
    review
      .given(opened, populated)
      .when(close('by-hand', { reason: 'opened by mistake' }))
      .then(records('AccessReviewClosed', { reason: 'opened by mistake' }));
  });

  it('waits until every item is there', () =>
    review
      .given(opened)
      .when(close('by-hand', { reason: 'too soon' }))
      .then(refuses('access-review-building')));

  it('happens once: the system finds it done, a person is told', () => {
    review.given(opened, populated, closed).when(close('complete')).then(nothing);
    review.given(opened, populated, closed, signedOff).when(close('overdue')).then(nothing);
    review
      .given(opened, populated, closed)
      .when(close('by-hand', { reason: 'again' }))
      .then(refuses('access-review-closed'));
  });
});

describe('an access review that is held', () => {
  it('waits because silence would revoke too much; that is said once for the same items', () => {
    review
      .given(opened, populated)
      .when(hold())
      .then(records('AccessReviewHeld', { confirm: CONFIRM, revocations: 11 }));
    review.given(opened, populated, held).when(hold()).then(nothing);
    review
      .given(opened, populated, held)
      .when(hold('d'.repeat(64)))
      .then(records('AccessReviewHeld', { confirm: 'd'.repeat(64) }));
    review.given(opened, populated, closed).when(hold()).then(nothing);
    // what waits changes and changes back
    expect(review.given(opened, populated, held, held).state.holds).toBe(2);
    review.given(opened).when(hold()).then(nothing);
  });

  it.each([null, 'd'.repeat(64)])('is not closed by somebody who confirms %s', (confirm) => {
    const byHand = close('by-hand', { confirm, reason: 'go on' });
    review.given(opened, populated, held).when(byHand).then(refuses('access-review-held'));
    expect(() => review.given(opened, populated, held).when(byHand).events).toThrow(CONFIRM);
    review.given(opened, populated, held).when(close('overdue', { confirm })).then(refuses('access-review-held'));
  });

  it('is closed by somebody who confirms exactly that', () =>
    review
      .given(opened, populated, held)
      .when(close('by-hand', { confirm: CONFIRM, reason: 'looked at them' }))
      .then(records('AccessReviewClosed', { code: 'by-hand' })));

  it('is complete when people have decided everything after all', () =>
    review.given(opened, populated, held).when(close('complete')).then(records('AccessReviewClosed')));
});

describe('signing an access review off', () => {
  const finished = [opened, populated, closed];
  it('is done by an owner who decided nothing in it', () =>
    review
      .given(...finished)
      .when(signOff({ via: 'apiKey', apiKey: key }))
      .then(records('AccessReviewSignedOff', { by: bo, via: 'apiKey', apiKey: key, reason: 'complete and in time' })));

  it.each<[string, Partial<SignOffReview['data']>, string]>([
    ['somebody who decided in it', { by: olga }, 'sign-off-by-reviewer'],
    ['somebody who decided in it and whom the policy names', { by: olga, signOff: olga }, 'sign-off-by-reviewer'],
    ['somebody without the right', { mayOwn: false }, 'sign-off-not-allowed'],
    ['an owner where the policy names somebody else', { signOff: cause }, 'sign-off-not-allowed'],
    ['somebody who does not say why', { reason: ' ' }, 'review-reason-required'],
  ])('is not done by %s', (_who, over, code) =>
    review
      .given(...finished)
      .when(signOff(over))
      .then(refuses(code)),
  );

  it('is done by whom the policy names, whatever their rights', () =>
    review
      .given(...finished)
      .when(signOff({ signOff: bo, mayOwn: false }))
      .then(records('AccessReviewSignedOff')));

  it('falls to any owner when the one who is named decided in it', () =>
    review
      .given(...finished)
      .when(signOff({ signOff: olga }))
      .then(records('AccessReviewSignedOff')));

  it('comes after the end, and once', () => {
    review.given(opened, populated).when(signOff()).then(refuses('access-review-not-finished'));
    review.given(opened, populated, held).when(signOff()).then(refuses('access-review-not-finished'));
    review
      .given(...finished, signedOff)
      .when(signOff())
      .then(refuses('access-review-signed-off'));
  });
});
