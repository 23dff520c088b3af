import {
  ada,
  aReview,
  assigned,
  at,
  bo,
  by,
  clearReader,
  decisionId,
  grantId,
  historyOf,
  itemAssigned,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  itemReminded,
  itemReopened,
  olga,
  onEveryDatabase,
  person,
  provisioned,
  reviewClosed,
  reviewHeld,
  reviewOpened,
  reviewPopulated,
  reviewSignedOff,
  revoked,
  type SomeItem,
  yusuf,
} from '#libs/testing';
import {
  countOutcomes,
  decidersOf,
  findAccessReview,
  findAccessReviews,
  findDueItems,
  findLastDecisions,
  findLiveItemsOf,
  findMootItems,
  findReviewItem,
  findReviewItems,
  findRevokingItems,
  findUnaskedItems,
  findUnfinishedReviews,
} from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: reviewers find what they are asked, and whoever drives reviews finds what is to be done, from the log alone. */

const day = (n: number, time = '08:00:00.000') => `2026-03-${String(n).padStart(2, '0')}T${time}Z`;
const review = aReview('quarterly');
const reader = itemOf(review, ada, 'crm.reader');
const admin = itemOf(review, ada, 'crm.admin');
const bos = itemOf(review, bo, 'crm.reader');
const eve = person('Eve', 'Lund');
const acme = { tenant: 'acme', limit: 50 };

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);
  const items = async (query: Partial<Parameters<typeof findReviewItems>[1]> = {}) =>
    (await findReviewItems(model.database, { ...acme, ...query })).items;
  const idsOf = (found: readonly { readonly item: string }[]) => found.map(({ item }) => item);
  const one = (item: SomeItem) => findReviewItem(model.database, item);

  describe('the items of a reviewer', () => {
    it('are those in which the account is named, first or beside others', async () => {
      await model.project(
        historyOf(
          reviewOpened(review),
          itemOpened(reader, [olga]),
          itemOpened(admin, [bo, olga, eve]),
          itemOpened(bos, [eve]),
        ),
      );
      expect(idsOf(await items({ reviewer: olga.account }))).toEqual([reader.item, admin.item]);
      expect(idsOf(await items({ reviewer: eve.account }))).toEqual([admin.item, bos.item]);
      expect(await items({ reviewer: ada.account })).toEqual([]);
    });

    it('follow a reassignment', async () => {
      await model.project(historyOf(itemOpened(reader, [olga]), itemAssigned(reader, [eve, bo])));
      expect(await items({ reviewer: olga.account })).toEqual([]);
      expect(idsOf(await items({ reviewer: bo.account }))).toEqual([reader.item]);
    });

    it('are never of another tenant', async () => {
      await model.project(historyOf(itemOpened(itemOf(aReview('theirs', 'globex'), yusuf, 'crm.reader'), [olga])));
      expect(await items({ reviewer: olga.account })).toEqual([]);
      expect(await one({ ...reader, item: itemOf(aReview('theirs', 'globex'), yusuf, 'crm.reader').item })).toBeNull();
    });

    it('come page by page, none twice and none left out', async () => {
      const many = Array.from({ length: 7 }, (_, n) => itemOf(review, ada, 'crm.reader', n));
      await model.project(historyOf(...many.map((item, n) => itemOpened(item, n % 2 ? [olga] : [eve, olga]))));
      const seen: string[] = [];
      for (let after: number | undefined, more = true; more; ) {
        const page = await findReviewItems(model.database, {
          tenant: 'acme',
          reviewer: olga.account,
          status: ['open'],
          after,
          limit: 3,
        });
        seen.push(...idsOf(page.items));
        after = page.items.at(-1)?.openedPosition;
        more = page.more;
      }
      expect(seen).toEqual(many.map(({ item }) => item));
    });

    it('leave out what lies beyond the position that the read model has reached', async () => {
      await model.project(historyOf(itemOpened(reader, [olga]), itemOpened(admin, [olga])));
      expect(idsOf(await items({ reviewer: olga.account, through: 0 }))).toEqual([reader.item]);
    });
  });

  describe('an item', () => {
    it('tells what was decided and waits for the effect', async () => {
      await model.project(
        historyOf(itemOpened(reader, [olga]), at(day(2, '09:00:00.000'), itemDecided(reader, 'revoke', olga))),
      );
      expect(await one(reader)).toMatchObject({
        grant: grantId(ada, 'crm.reader'),
        status: 'revoking',
        decision: {
          decision: 'revoke',
          by: olga.account,
          via: 'session',
          at: day(2, '09:00:00.000'),
          event: decisionId(reader),
          stage: 0,
        },
      });
      const decidedAt = day(2, '09:00:00.000');
      const waiting = async (query: Omit<Parameters<typeof findRevokingItems>[1], 'limit'>) =>
        findRevokingItems(model.database, { ...query, limit: 5 });
      const found = await waiting({ before: day(3) });
      expect(idsOf(found)).toEqual([reader.item]);
      expect(await waiting({ before: decidedAt })).toEqual([]);
      expect(idsOf(await waiting({ before: day(3), since: decidedAt }))).toEqual([reader.item]);
      expect(await waiting({ before: day(3), since: day(2, '09:00:00.001') })).toEqual([]);
      expect(await waiting({ before: day(3), after: found[0] })).toEqual([]);
    });

    it('closes with what took effect, and opens again without a decision', async () => {
      const because = decisionId(reader, 7);
      const closed = [
        itemOpened(reader, [olga]),
        itemDecided(reader, 'revoke', olga),
        itemClosed(reader, 'revoked', { because, effectAfterMs: 42 }),
      ];
      await model.project(historyOf(...closed));
      expect(await one(reader)).toMatchObject({ status: 'closed', outcome: 'revoked', because, effectAfterMs: 42 });
      await model.project(historyOf(...closed, itemReopened(reader)));
      expect(await one(reader)).toMatchObject({
        status: 'open',
        decision: null,
        outcome: null,
        closedAt: null,
        fingerprint: 'f1',
      });
    });

    it('does not show passing on as a decision, but as somebody who took part', async () => {
      await model.project(
        historyOf(
          reviewOpened(review),
          itemOpened(reader, [olga]),
          itemDecided(reader, 'reassign', olga),
          itemAssigned(reader, [eve]),
        ),
      );
      expect((await one(reader))?.decision).toBeNull();
      expect(await decidersOf(model.database, review)).toEqual([olga.account]);
    });
  });

  describe('what is due', () => {
    const due = async (now: string) =>
      (await findDueItems(model.database, { now, limit: 50 })).map(({ item, due }) => [item, due]);

    it('is a reminder at each of its instants, once', async () => {
      const opened = [at(day(2), reviewOpened(review)), itemOpened(reader, [olga], { stageDueAt: day(9) })];
      await model.project(historyOf(...opened));
      expect(await due(day(6, '23:59:59.999'))).toEqual([]);
      expect(await due(day(7))).toEqual([[reader.item, ['reminder']]]);
      await model.project(historyOf(...opened, at(day(7), itemReminded(reader))));
      expect(await due(day(7, '09:00:00.000'))).toEqual([]);
      expect(await due(day(8))).toEqual([[reader.item, ['reminder']]]);
    });

    it('is a reminder in the middle of a stage that began after its instant', async () => {
      await model.project(
        historyOf(
          at(day(2), reviewOpened(review)),
          itemOpened(reader, [olga], { stageDueAt: day(9), stages: 2 }),
          at(day(8, '09:00:00.000'), itemAssigned(reader, [eve], { stage: 1, why: 'next-stage', stageDueAt: day(9) })),
        ),
      );
      expect(await due(day(8, '10:00:00.000'))).toEqual([]);
      expect(await due(day(8, '20:30:00.000'))).toEqual([[reader.item, ['reminder']]]);
    });

    it('is no reminder where there is nobody to remind', async () => {
      const opened = [at(day(2), reviewOpened(review)), itemOpened(reader, [], { stageDueAt: day(9) })];
      await model.project(historyOf(...opened));
      expect(await due(day(8))).toEqual([]);
      expect((await findUnaskedItems(model.database, { limit: 5 })).map(({ item }) => item)).toEqual([reader.item]);
      expect(await findUnaskedItems(model.database, { after: 100, limit: 5 })).toEqual([]);
    });

    it('is the escalation, until somebody was asked as well', async () => {
      const opened = [
        reviewOpened(review, { terms: { reminders: [], escalation: { before: 'P1D', to: ['ciso@acme.example'] } } }),
        itemOpened(reader, [olga], { stageDueAt: day(9) }),
      ];
      await model.project(historyOf(...opened));
      expect(await due(day(7, '23:59:59.999'))).toEqual([]);
      expect(await due(day(8))).toEqual([[reader.item, ['escalation']]]);
      const escalated = itemAssigned(reader, [olga, eve], { why: 'escalated', stageDueAt: day(9) });
      await model.project(historyOf(...opened, at(day(8), escalated)));
      expect(await due(day(8, '09:00:00.000'))).toEqual([]);
    });

    it('is the end of the stage, for what nobody answered, the earliest first, page by page', async () => {
      await model.project(
        historyOf(
          reviewOpened(review, { terms: { reminders: [] } }),
          itemOpened(reader, [olga], { stageDueAt: day(9) }),
          itemOpened(admin, [olga], { stageDueAt: day(8) }),
          itemOpened(bos, [olga], { stageDueAt: day(8) }),
          itemDecided(bos, 'certify', olga),
          itemClosed(bos, 'certified'),
        ),
      );
      expect(await due(day(9))).toEqual([
        [admin.item, ['stage']],
        [reader.item, ['stage']],
      ]);
      const [first] = await findDueItems(model.database, { now: day(9), limit: 1 });
      const rest = await findDueItems(model.database, { now: day(9), after: first, limit: 5 });
      expect(idsOf(rest)).toEqual([reader.item]);
    });

    it('is nothing in a review that waits for confirmation, or is closed', async () => {
      const history = [reviewOpened(review), itemOpened(reader, [olga], { stageDueAt: day(8) })];
      await model.project(historyOf(...history, reviewHeld(review)));
      expect(await due(day(20))).toEqual([]);
      await model.project(historyOf(...history, reviewHeld(review), reviewClosed(review)));
      expect(await due(day(20))).toEqual([]);
    });
  });

  describe('what a change of accounts may concern', () => {
    it('is what is not closed, and what was certified while its review goes on', async () => {
      const history = [
        reviewOpened(review),
        itemOpened(reader, [olga]),
        itemOpened(admin, [olga]),
        itemOpened(bos, [olga]),
        itemClosed(admin, 'certified'),
      ];
      await model.project(historyOf(...history));
      const live = async () =>
        idsOf(await findLiveItemsOf(model.database, { ...acme, accounts: [ada.account, eve.account] }));
      expect(await live()).toEqual([reader.item, admin.item]);
      await model.project(historyOf(...history, reviewClosed(review)));
      expect(await live()).toEqual([reader.item]);
    });

    it('makes an item moot when its grant is revoked, or its time is over', async () => {
      const history = historyOf(
        provisioned(ada),
        assigned(ada, 'crm.reader'),
        assigned(ada, 'crm.admin', by('okta', 'engineers'), { until: day(5) }),
        itemOpened(reader, [olga]),
        itemOpened(admin, [olga]),
        revoked(ada, 'crm.reader'),
      );
      await model.project(history);
      const moot = async (now: string, after?: number) =>
        idsOf(await findMootItems(model.database, { now, after, limit: 5 }));
      expect(await moot(day(4))).toEqual([reader.item]);
      expect(await moot(day(5))).toEqual([reader.item, admin.item]);
      const [first] = await findMootItems(model.database, { now: day(5), limit: 1 });
      expect(await moot(day(5), first?.openedPosition)).toEqual([admin.item]);
    });
  });

  it('finds the last decision about a grant, and none that nobody made', async () => {
    const autumn = itemOf(aReview('autumn'), ada, 'crm.reader');
    const carried = itemOf(aReview('winter'), ada, 'crm.reader');
    await model.project(
      historyOf(
        itemOpened(reader, [olga]),
        itemDecided(reader, 'certify', olga),
        itemClosed(reader, 'certified'),
        itemOpened(autumn, [eve]),
        itemDecided(autumn, 'certify', eve),
        itemClosed(autumn, 'certified'),
        itemOpened(carried, [eve]),
        itemClosed(carried, 'carriedForward', { because: decisionId(autumn) }),
        itemOpened(bos, [olga]),
        itemClosed(bos, 'expired'),
      ),
    );
    const grants = [grantId(ada, 'crm.reader'), grantId(bo, 'crm.reader')];
    const found = await findLastDecisions(model.database, { tenant: 'acme', grants });
    expect([...found].map(([grant, { item }]) => [grant, item])).toEqual([[grants[0], autumn.item]]);
    expect(await findLastDecisions(model.database, { tenant: 'globex', grants })).toEqual(new Map());
  });

  describe('a review', () => {
    const history = [
      reviewOpened(review, { terms: { control: 'SOC 2 CC6.2' } }),
      itemOpened(reader, [olga]),
      itemOpened(admin, [olga]),
      itemOpened(bos, [olga]),
      reviewPopulated(review, { items: 3 }),
      itemDecided(reader, 'certify', olga),
      itemClosed(reader, 'certified'),
      itemDecided(admin, 'revoke', eve),
    ];

    it('counts what became of its items while it goes on', async () => {
      await model.project(historyOf(...history));
      const counts = { certified: 1, revoking: 1, open: 1 };
      expect(await countOutcomes(model.database, review)).toEqual(counts);
      expect(await findAccessReview(model.database, review)).toMatchObject({
        status: 'open',
        control: 'SOC 2 CC6.2',
        openedBy: 'system:configuration',
        items: 3,
        counts,
      });
      expect(await decidersOf(model.database, review)).toEqual([olga.account, eve.account].sort());
      expect(await findAccessReview(model.database, { ...review, tenant: 'globex' })).toBeNull();
    });

    it('keeps what was recorded when it was closed, and who signed it off', async () => {
      await model.project(
        historyOf(...history, reviewClosed(review, { outcomes: { certified: 3 } }), reviewSignedOff(review, bo)),
      );
      expect(await findAccessReview(model.database, review)).toMatchObject({
        status: 'signedOff',
        closedCode: 'complete',
        counts: { certified: 3 },
        signedOffBy: bo.account,
      });
    });

    it('is listed by tenant, status and policy, and as unfinished until it is closed', async () => {
      const closed = aReview('closed');
      await model.project(
        historyOf(
          ...history,
          reviewOpened(aReview('empty'), { policy: 'other' }),
          reviewOpened(closed),
          reviewClosed(closed),
        ),
      );
      const list = async (query: object) =>
        (await findAccessReviews(model.database, { ...acme, ...query })).items.map((found) => found.review);
      expect(await list({})).toEqual([review.review, aReview('empty').review, closed.review]);
      expect(await list({ status: ['closed'] })).toEqual([closed.review]);
      expect(await list({ policy: 'other' })).toEqual([aReview('empty').review]);
      const unfinished = await findUnfinishedReviews(model.database, { limit: 10 });
      expect(unfinished.map((found) => [found.review, found.status, found.isDecided])).toEqual([
        [review.review, 'open', false],
        [aReview('empty').review, 'building', true],
      ]);
      expect(await findUnfinishedReviews(model.database, { status: ['building'], limit: 10 })).toHaveLength(1);
    });
  });
});
