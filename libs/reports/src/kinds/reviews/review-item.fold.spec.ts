import * as fc from 'fast-check';
import type { SealedEvent } from '#libs/kernel';
import {
  ada,
  aReview,
  bo,
  type Fact,
  historyOf,
  itemAssigned,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  itemReminded,
  itemReopened,
  olga,
  randomGovernance,
} from '#libs/testing';
import { foldReviewItem, isOpenAt, OUTCOMES, outcomeOf, type Round, timesOpened } from './review-item.fold.js';

/** Goal: what an item came to is told from its events alone, and is always exactly one thing. */

const item = itemOf(aReview('quarterly'), ada, 'crm.reader');
const foldOf = (...facts: readonly Fact[]) => foldReviewItem(historyOf(itemOpened(item, [olga]), ...facts));
const outcomeAfter = (...facts: readonly Fact[]) => outcomeOf(foldOf(...facts).rounds.at(-1) as Round);

describe('what an item came to', () => {
  it.each(['certified', 'revoked', 'reduced', 'carriedForward', 'moot', 'expired'] as const)(
    'is %s when it closed so',
    (outcome) => expect(outcomeAfter(itemClosed(item, outcome))).toBe(outcome),
  );

  it('is open before, also when it is decided and nothing has taken effect yet', () => {
    expect(outcomeAfter()).toBe('open');
    expect(outcomeAfter(itemDecided(item, 'revoke', olga))).toBe('open');
  });

  it('is abstained when time ran out and all who answered had abstained', () => {
    const end = itemClosed(item, 'expired');
    expect(outcomeAfter(itemDecided(item, 'abstain', olga), end)).toBe('abstained');
    expect(outcomeAfter(itemDecided(item, 'reassign', olga), itemDecided(item, 'abstain', bo, { nth: 2 }), end)).toBe(
      'abstained',
    );
    expect(outcomeAfter(itemDecided(item, 'reassign', olga), end)).toBe('expired');
    expect(outcomeAfter(itemDecided(item, 'certify', olga), itemDecided(item, 'abstain', bo, { nth: 2 }), end)).toBe(
      'expired',
    );
  });
});

describe('an item that is put again', () => {
  it('has a round for each time, each with its own answers, end and reviewers', () => {
    const { rounds } = foldOf(
      itemReminded(item, [olga]),
      itemDecided(item, 'certify', olga),
      itemClosed(item, 'certified'),
      itemReopened(item),
      itemAssigned(item, [bo], { why: 'reopened' }),
    );

    expect(rounds.map(({ answers, end, reviewers }) => [answers.length, end?.outcome ?? null, reviewers])).toEqual([
      [1, 'certified', [olga.account]],
      [0, null, [bo.account]],
    ]);
  });

  it('is open once, also where it is put again between two stages', () => {
    const between = foldOf(itemDecided(item, 'certify', olga), itemReopened(item), itemClosed(item, 'certified'));

    expect(between.rounds.map(outcomeOf)).toEqual(['putAgain', 'certified']);
    const again = between.rounds[1]?.putAt ?? '';
    expect(between.rounds.map((round) => isOpenAt(round, again))).toEqual([false, true]);
    expect([timesOpened(between, null), timesOpened(between, between.openedAt)]).toEqual([1, 0]);
    const after = foldOf(itemDecided(item, 'certify', olga), itemClosed(item, 'certified'), itemReopened(item));
    expect(timesOpened(after, null)).toBe(2);
  });
});

it('does not begin without an opening, nor with what it does not know', () => {
  expect(() => foldReviewItem(historyOf(itemClosed(item, 'moot')))).toThrow('begins with its opening');
  const [strange] = historyOf(itemOpened(item, [olga])) as [SealedEvent];
  expect(() => foldReviewItem([strange, { ...strange, type: 'ReviewItemForgotten' }])).toThrow('ReviewItemForgotten');
});

it('comes to exactly one thing, whatever happened in whatever order', () =>
  fc.assert(
    fc.property(randomGovernance, fc.nat(60), (events, cut) => {
      const items = events.filter(({ stream }) => stream.startsWith('reviewItem-')).slice(0, cut);
      const streams = [...Map.groupBy(items, ({ stream }) => stream).values()];
      const outcomes = streams.map((events) => outcomeOf(foldReviewItem(events).rounds.at(-1) as Round));
      const sums = OUTCOMES.map((outcome) => outcomes.filter((each) => each === outcome).length);
      expect(sums.reduce((sum, each) => sum + each, 0)).toBe(
        items.filter(({ type }) => type === 'ReviewItemOpened').length,
      );
    }),
    { numRuns: 200 },
  ));
