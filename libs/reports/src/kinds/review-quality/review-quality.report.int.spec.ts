import {
  ada,
  aReview,
  at,
  bo,
  historyOf,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  olga,
  onEveryDatabase,
  provisioned,
  reviewOpened,
  seededId,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { reviewQualityReport } from './review-quality.report.js';

/** Goal: how carefully people review, from their recorded decisions and nothing else. */

const spring = aReview('spring');
const autumn = aReview('autumn');
const reader = itemOf(spring, ada, 'crm.reader');
const admin = itemOf(spring, ada, 'crm.admin');
const bos = itemOf(spring, bo, 'crm.reader');
const again = itemOf(autumn, ada, 'crm.reader');
const REVOKE = { recommendation: { decision: 'revoke' as const, because: [] } };
const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T09:00:00.000Z`;

/** An administrator lets rules give a role to a person again. */
const lifted = (who: typeof ada, role: string) => ({
  category: 'account',
  tenant: who.tenant,
  id: who.account,
  event: () => ({
    type: 'RoleWithholdingLifted',
    data: { account: who.account, role, why: 'by-hand', reason: 'was a mistake' },
  }),
});

const history = historyOf(
  ...[ada, bo, olga].map((who) => provisioned(who)),
  reviewOpened(spring),
  itemOpened(reader, [olga], REVOKE), // 4
  itemOpened(admin, [olga], REVOKE),
  itemOpened(bos, [olga, ada]),
  at(day(3), itemDecided(reader, 'certify', olga, { tookMs: 2_000, bulk: true })), // 7
  itemDecided(admin, 'revoke', olga, { tookMs: 4_000, bulk: true }),
  itemDecided(bos, 'delegate', olga, { to: ada.account }),
  itemDecided(bos, 'abstain', olga, { nth: 2 }),
  at(day(4), itemDecided(bos, 'revoke', ada, { nth: 3 })), // 11
  at(day(5), itemDecided(bos, 'revoke', null, { nth: 4 })),
  itemClosed(bos, 'revoked'),
  reviewOpened(autumn), // 14
  itemOpened(again, [bo]),
  at(day(8), itemDecided(again, 'revoke', bo, { apiKey: seededId('key'), decidedVia: 'apiKey' })), // 16
  at(day(9), lifted(bo, 'crm.reader')),
);

const LINES = [
  { review: spring.review, reviewer: olga.account, decided: 3, reversed: 1 },
  { review: spring.review, reviewer: ada.account, decided: 1, reversed: 1 },
  { review: autumn.review, reviewer: bo.account, decided: 1, reversed: 0 },
];

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const report = (over: Parameters<typeof askedOf>[1] = {}, after: string | null = null) =>
    reportOf(reviewQualityReport, told.source, askedOf(history, over), after);

  it('tells of each reviewer and review', async () => {
    const { rows } = await report();

    expect(rows.map(({ review, reviewer, decided, reversed }) => ({ review, reviewer, decided, reversed }))).toEqual(
      LINES,
    );
    expect(rows[0]).toEqual({
      review: spring.review,
      reviewTitle: 'Quarterly review',
      policy: 'quarterly',
      reviewer: olga.account,
      reviewerName: 'olga@acme.example',
      decided: 3,
      certified: 1,
      revoked: 1,
      reduced: 0,
      abstained: 1,
      timed: 2,
      medianSeconds: 3,
      bulk: 2,
      bulkShare: 0.6667,
      recommended: 2,
      agreed: 1,
      agreementShare: 0.5,
      reversed: 1,
      reversedShare: 0.3333,
      firstDecidedAt: day(3),
      lastDecidedAt: expect.stringMatching(/^2026-03-03T09:03/),
      position: 7,
    });
  });

  it('accounts for every decision that the log has', async () => {
    const { rows, counts } = await report();
    const listed = { rows: rows.length, counts };

    expect(await reviewQualityReport.population(told.source, askedOf(history), listed)).toEqual([
      { of: 'review decisions', recorded: 7, listed: 5, excluded: { passedOn: 1, bySystem: 1 } },
    ]);
  });

  it('knows nothing of what came later', async () => {
    const { rows } = await report({ knownAt: 15 });
    expect(rows.map(({ reviewer, reversed }) => [reviewer, reversed])).toEqual([
      [olga.account, 0],
      [ada.account, 0],
    ]);
    expect((await report({ asOf: day(4) })).rows).toHaveLength(2);
  });

  it.each([
    { name: 'a period', over: { from: day(3) }, reviewers: [olga, ada, bo], decided: [2, 1, 1] },
    { name: 'a review', over: { filter: { review: autumn.review } }, reviewers: [bo], decided: [1] },
    { name: 'no policy that there is', over: { filter: { policy: 'another' } }, reviewers: [], decided: [] },
  ])('answers for $name alone', async ({ over, reviewers, decided }) => {
    const { rows } = await report(over);

    expect(rows.map(({ reviewer }) => reviewer)).toEqual(reviewers.map(({ account }) => account));
    expect(rows.map((row) => row['decided'])).toEqual(decided);
    expect(await reconciles(reviewQualityReport, told.source, askedOf(history, over))).toEqual([]);
  });

  it('goes on from each number of rows taken, and counts what it counts once', async () => {
    const whole = await report();
    for (const taken of [0, 1, 2, 3]) {
      const rest = await report({}, String(taken));
      expect(rest.cells).toEqual(whole.cells.slice(taken));
      expect(rest.counts['listed']).toBe(taken === 0 ? 5 : undefined);
    }
  });

  it('withholds names', async () =>
    expect((await report({ personal: false })).rows[0]).toMatchObject({ reviewerName: '[withheld]' }));
});
