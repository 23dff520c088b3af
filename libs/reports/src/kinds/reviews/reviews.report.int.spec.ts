import {
  ada,
  aReview,
  assigned,
  at,
  bo,
  by,
  byHand,
  decisionId,
  grantId,
  historyOf,
  itemAssigned,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  itemReopened,
  olga,
  onEveryDatabase,
  person,
  provisioned,
  reviewOpened,
  revoked,
  roleDefined,
  seededId,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { reviewsReport } from './reviews.report.js';

/** Goal: every question that was put to reviewers is accounted for, with who answered what, and what came of it. */

const review = aReview('quarterly');
const reader = itemOf(review, ada, 'crm.reader');
const admin = itemOf(review, ada, 'crm.admin');
const abstained = itemOf(review, bo, 'crm.reader');
const reduced = itemOf(review, bo, 'crm.admin');
const carried = itemOf(review, olga, 'crm.reader');
const moot = itemOf(review, olga, 'crm.admin');
const expired = itemOf(review, olga, 'crm.reader', 2);
const open = itemOf(review, olga, 'crm.admin', 2);
const theirs = itemOf(aReview('theirs', 'globex'), yusuf, 'crm.reader');
const EFFECT = seededId('the grant ends');
const minute = (n: number) => `2026-03-03T09:${String(n).padStart(2, '0')}:00.000Z`;

const history = historyOf(
  ...[ada, bo, olga].map((who) => provisioned(who)),
  roleDefined('crm.reader'),
  roleDefined('crm.admin', { privileged: true }),
  assigned(ada, 'crm.reader'), // 5
  assigned(ada, 'crm.admin', byHand(olga)),
  reviewOpened(review, { terms: { control: 'SOC 2 CC6.2' } }), // 7
  itemOpened(reader, [olga], { recommendation: { decision: 'revoke', because: ['no sign-in for 40 days'] } }), // 8
  itemOpened(admin, [bo, olga], { source: byHand(olga), privileged: true, stages: 2 }),
  itemOpened(abstained, [olga]), // 10
  itemOpened(reduced, [olga]),
  itemOpened(carried, [bo]),
  itemOpened(moot, [bo]),
  itemOpened(expired, [bo]),
  itemOpened(open, [bo]), // 15
  itemOpened(theirs, []),
  at(minute(0), itemDecided(reader, 'revoke', olga, { tookMs: 4_200 })), // 17
  at(minute(1), { ...revoked(ada, 'crm.reader', { code: 'review' }), eventId: EFFECT }), // 18
  at(minute(2), itemClosed(reader, 'revoked', { because: EFFECT, effectAfterMs: 60_000 })), // 19
  at(minute(3), itemDecided(admin, 'certify', olga, { bulk: true, reason: null })), // 20
  at(minute(4), itemAssigned(admin, [ada], { stage: 1, why: 'next-stage' })),
  at(minute(5), itemDecided(admin, 'certify', ada, { nth: 2, stage: 1, flags: ['ownGrant'] })), // 22
  at(minute(6), itemClosed(admin, 'certified')),
  at(minute(7), itemDecided(abstained, 'reassign', olga, { to: bo.account })),
  at(minute(8), itemDecided(abstained, 'abstain', bo, { nth: 2 })),
  at(minute(9), itemClosed(abstained, 'expired')),
  at(minute(10), itemDecided(reduced, 'reduce', olga, { until: minute(59) })),
  at(minute(11), itemClosed(reduced, 'reduced', { because: decisionId(reduced), effectAfterMs: 0 })),
  at(minute(12), itemClosed(carried, 'carriedForward', { because: decisionId(reader) })),
  at(minute(13), itemClosed(moot, 'moot')),
  at(minute(14), itemClosed(expired, 'expired')), // 31
  at(minute(20), itemReopened(admin)), // 32
  at(minute(21), itemAssigned(admin, [bo], { why: 'reopened' })),
);

const ROWS = [
  { item: reader, round: 1, decision: 'revoke', decidedBy: olga, outcome: 'revoked', lastOfItem: true },
  { item: admin, round: 1, decision: 'certify', decidedBy: olga, outcome: 'certified', lastOfItem: false },
  { item: admin, round: 1, decision: 'certify', decidedBy: ada, outcome: 'certified', lastOfItem: false },
  { item: admin, round: 2, decision: null, decidedBy: null, outcome: 'open', lastOfItem: true },
  { item: abstained, round: 1, decision: 'reassign', decidedBy: olga, outcome: 'abstained', lastOfItem: false },
  { item: abstained, round: 1, decision: 'abstain', decidedBy: bo, outcome: 'abstained', lastOfItem: true },
  { item: reduced, round: 1, decision: 'reduce', decidedBy: olga, outcome: 'reduced', lastOfItem: true },
  { item: carried, round: 1, decision: null, decidedBy: null, outcome: 'carriedForward', lastOfItem: true },
  { item: moot, round: 1, decision: null, decidedBy: null, outcome: 'moot', lastOfItem: true },
  { item: expired, round: 1, decision: null, decidedBy: null, outcome: 'expired', lastOfItem: true },
  { item: open, round: 1, decision: null, decidedBy: null, outcome: 'open', lastOfItem: true },
].map(({ item, decidedBy, ...row }) => ({ item: item.item, decidedBy: decidedBy?.account ?? null, ...row }));

jest.setTimeout(60_000);

onEveryDatabase((openDatabase) => {
  const told = sealedHistory({ open: openDatabase, reader: markingReader, storeOf: wholeStoreOf });
  const report = (over: Parameters<typeof askedOf>[1] = {}, after: string | null = null) =>
    reportOf(reviewsReport, told.source, askedOf(history, over), after);

  describe('the report of reviews', () => {
    beforeEach(() => told.tell(history));

    it('has every answer, and every time that nobody answered', async () => {
      const { rows } = await report();

      expect(
        rows.map(({ item, round, decision, decidedBy, outcome, lastOfItem }) => {
          return { item, round, decision, decidedBy, outcome, lastOfItem };
        }),
      ).toEqual(ROWS);
    });

    it('tells of a decision all that an auditor asks', async () => {
      const { rows } = await report();

      expect(rows[0]).toEqual({
        review: review.review,
        reviewTitle: 'Quarterly review',
        policy: 'quarterly',
        policyVersion: 1,
        control: 'SOC 2 CC6.2',
        cause: 'schedule',
        causeEvent: null,
        item: reader.item,
        openedAt: history[8]?.recordedAt,
        openAtBeginning: false,
        account: ada.account,
        userName: 'ada@acme.example',
        grant: grantId(ada, 'crm.reader'),
        role: 'crm.reader',
        application: 'crm',
        privileged: false,
        sourceKind: 'rule',
        connection: 'okta',
        rule: 'engineers@1',
        round: 1,
        dueAt: expect.stringMatching(/^2026-03-09/),
        reviewers: [olga.account],
        reviewersAs: 'manager',
        recommendation: 'revoke',
        recommendationBecause: ['no sign-in for 40 days'],
        decisionNumber: 1,
        stage: 1,
        stages: 1,
        decision: 'revoke',
        decidedBy: olga.account,
        decidedByName: 'olga@acme.example',
        via: 'session',
        apiKey: null,
        decidedAt: minute(0),
        until: null,
        passedOnTo: null,
        reason: 'left the project',
        bulk: false,
        tookMs: 4_200,
        selfReview: false,
        reviewerIsGrantor: false,
        outcome: 'revoked',
        closedAt: minute(2),
        appliedAt: minute(1),
        effectMs: 60_000,
        proof: EFFECT,
        decisionEvent: decisionId(reader),
        lastOfItem: true,
        position: 8,
      });
    });

    it('flags whoever decided about what they hold, or gave, themselves', async () => {
      const { rows, counts } = await report();

      expect(rows.slice(0, 4).map(({ selfReview, reviewerIsGrantor }) => [selfReview, reviewerIsGrantor])).toEqual([
        [false, false],
        [false, true],
        [true, false],
        [false, false],
      ]);
      expect(counts).toMatchObject({ 'flag.selfReview': 1, 'flag.reviewerIsGrantor': 1 });
    });

    it('accounts for every item that the log has', async () => {
      const { rows, counts } = await report();
      const question = askedOf(history);

      expect(await reviewsReport.population(told.source, question, { rows: rows.length, counts })).toEqual([
        { of: 'review items', recorded: 8, listed: 8, excluded: {} },
        { of: 'decisions of the period', recorded: 6, listed: 6, excluded: {} },
        { of: 'closings of the period', recorded: 7, listed: 7, excluded: {} },
      ]);
      expect(await reviewsReport.summary?.(told.source, question, { rows: rows.length, counts })).toEqual({
        items: 8,
        openAtBeginning: 0,
        put: 9,
        closed: 7,
        certified: 0,
        revoked: 1,
        reduced: 1,
        abstained: 1,
        carriedForward: 1,
        moot: 1,
        expired: 1,
        open: 2,
        decisions: 6,
        unbalanced: false,
      });
      expect(Object.keys(counts).filter((name) => name.startsWith('flag.unknown'))).toEqual([]);
    });

    it.each([
      { name: 'known earlier', over: { knownAt: 22 } },
      { name: 'asked about earlier', over: { asOf: minute(5) } },
    ])('says, $name, what was so then', async ({ over }) => {
      const { rows } = await report(over);

      expect(rows.slice(0, 3).map(({ decision, outcome }) => [decision, outcome])).toEqual([
        ['revoke', 'revoked'],
        ['certify', 'open'],
        ['certify', 'open'],
      ]);
      expect(rows).toHaveLength(9);
    });

    it('has the items that were open when the period began or opened by its end', async () => {
      const [from, asOf] = [history[9]?.recordedAt ?? '', history[12]?.recordedAt ?? ''];
      const { rows } = await report({ from, asOf });

      expect(rows.map(({ item, openAtBeginning, outcome }) => [item, openAtBeginning, outcome])).toEqual([
        [reader.item, true, 'open'],
        [admin.item, true, 'open'],
        ...[abstained, reduced, carried].map(({ item }) => [item, false, 'open']),
      ]);
      expect(await reconciles(reviewsReport, told.source, askedOf(history, { from, asOf }))).toEqual([]);
    });

    it('loses no decision between two periods, and balances the second with the first', async () => {
      // given a border after every item was opened, and the first of them closed
      const [from, question] = [minute(2), askedOf(history, { from: minute(2) })];
      // when both periods are reported
      const first = await report({ asOf: from });
      const second = await reportOf(reviewsReport, told.source, question);
      const listed = { rows: second.rows.length, counts: second.counts };
      // then whatever was open at the end of the one is open at the beginning of the other, and decided there
      const outcomes = first.rows.filter(({ lastOfItem }) => lastOfItem).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['revoked', ...Array(7).fill('open')]);
      expect(second.rows.filter(({ item }) => item === reader.item)).toEqual([]);
      expect(await reviewsReport.summary?.(told.source, question, listed)).toMatchObject({
        items: 7,
        openAtBeginning: 7,
        put: 1,
        closed: 6,
        open: 2,
        decisions: 5,
        unbalanced: false,
      });
      expect(await reviewsReport.population(told.source, question, listed)).toEqual([
        { of: 'review items', recorded: 8, listed: 7, excluded: { closedBefore: 1 } },
        { of: 'decisions of the period', recorded: 5, listed: 5, excluded: {} },
        { of: 'closings of the period', recorded: 6, listed: 6, excluded: {} },
      ]);
    });

    it('has an item again that was closed before the period and put anew within it', async () => {
      const { rows } = await report({ from: minute(15) });

      expect(
        rows
          .filter(({ item }) => item === admin.item)
          .map(({ round, openAtBeginning, outcome }) => [round, openAtBeginning, outcome]),
      ).toEqual([
        [1, false, 'certified'],
        [1, false, 'certified'],
        [2, false, 'open'],
      ]);
      expect(await reconciles(reviewsReport, told.source, askedOf(history, { from: minute(15) }))).toEqual([]);
    });

    it('notices a decision of the period whose item it does not have', async () => {
      // given a decision about an item of which the index knows no beginning
      const torn = history.filter(({ position }) => position !== 11);
      await told.tell(torn);
      // then the report does not reconcile
      expect(await reconciles(reviewsReport, told.source, askedOf(torn, { from: minute(2) }))).not.toEqual([]);
    });

    it.each([
      { filter: { role: 'crm.admin' }, items: [admin, admin, admin, reduced, moot, open] },
      { filter: { account: bo.account }, items: [abstained, abstained, reduced] },
      { filter: { privileged: true }, items: [admin, admin, admin] },
      { filter: { application: 'git' }, items: [] },
      { filter: { policy: 'another' }, items: [] },
    ])('answers for $filter alone, and counts the others', async ({ filter, items }) => {
      const question = askedOf(history, { filter });
      const { rows } = await reportOf(reviewsReport, told.source, question);

      expect(rows.map(({ item }) => item)).toEqual(items.map(({ item }) => item));
      expect(await reconciles(reviewsReport, told.source, question)).toEqual([]);
    });

    it('withholds who they are and what they wrote', async () => {
      const { rows } = await report({ personal: false });

      expect(rows[0]).toMatchObject({ userName: '[withheld]', decidedByName: '[withheld]', reason: '[withheld]' });
      expect(rows[1]).toMatchObject({ reason: null });
      expect(JSON.stringify(rows)).not.toMatch(/acme\.example|left the project/);
    });

    it('says that the proof of an effect is missing where the log does not have it', async () => {
      const unproved = history.map((event) =>
        event.position === 19 ? { ...event, data: { ...(event.data as object), because: decisionId(open, 9) } } : event,
      );
      await told.tell(unproved);

      const { rows, counts } = await reportOf(reviewsReport, told.source, askedOf(unproved));

      expect(rows[0]).toMatchObject({ appliedAt: null, proof: decisionId(open, 9) });
      expect(counts).toMatchObject({ 'flag.unknownProof': 1 });
    });
  });

  it('goes on from each of its bookmarks, none twice and none left out', async () => {
    const people = Array.from({ length: 450 }, (_, n) => person(`P${n}`, 'Many'));
    const items = people.map((who) => itemOf(review, who, 'crm.reader'));
    const many = historyOf(
      provisioned(olga),
      reviewOpened(review),
      ...items.map((item) => itemOpened(item, [olga], { source: by('okta', 'engineers') })),
      ...items.map((item) => itemDecided(item, 'certify', olga)),
    );
    await told.tell(many);

    const whole = await reportOf(reviewsReport, told.source, askedOf(many));
    expect(whole.bookmarks).toHaveLength(3);
    expect(whole.rows.map(({ item }) => item)).toEqual(items.map(({ item }) => item));
    for (const [index, bookmark] of whole.bookmarks.entries()) {
      const rest = await reportOf(reviewsReport, told.source, askedOf(many), bookmark);
      expect(rest.cells).toEqual(whole.cells.slice(200 * (index + 1)));
    }
  });
});
