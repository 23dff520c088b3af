/** Ends of grants that somebody sets, or writes down late: what was answered about a day before stays as it was. */
import { catalogue } from '#libs/contracts';
import { migrate } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import {
  ada,
  assigned,
  at,
  batchOf,
  byElevation,
  clearReader,
  confirmed,
  historyOf,
  onEveryDatabase,
  provisioned,
  reduced,
  revoked,
  seededId,
  storedInClear,
  storeOf,
  type TestDatabase,
} from '#libs/testing';
import { findAccess, PROJECTIONS, ProjectionRunner, readModelMigrations } from '../index.js';

jest.setTimeout(60_000);

const minute = (n: number) => `2026-03-02T08:${String(n).padStart(2, '0')}:00.000Z`;

onEveryDatabase((open) => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await open();
    await migrate(test.database, readModelMigrations);
  });
  afterEach(() => test.drop());

  const take = async (events: readonly SealedEvent[]) => {
    const stored = storedInClear(events);
    const runner = new ProjectionRunner({
      database: test.database,
      sealedEvents: { shared: false, follow: async () => {} },
      store: storeOf(stored),
      reader: clearReader,
      catalogue,
      projections: PROJECTIONS,
    });
    await runner.take(batchOf(stored), { guard: async () => {} });
  };
  const heldAt = async (asOf: string, knownAt: number) => {
    const { items } = await findAccess(test.database, { tenant: 'acme', asOf, knownAt, limit: 200 });
    return items.map(({ role }) => role);
  };

  describe('an elevation that is written down as over long after it was', () => {
    const until = minute(10);
    const history = historyOf(
      provisioned(ada),
      assigned(ada, 'prod.admin', byElevation(seededId('elevation')), { until }),
      at(minute(50), revoked(ada, 'prod.admin', { code: 'elevation-ended', effectiveAt: until })),
    );

    it('held up to its end and not at it, and no answer about any instant changes', async () => {
      await take(history);
      const instants = ['2026-03-02T08:09:59.999Z', until, minute(30), minute(59)];
      const answers = async (knownAt: number) => Promise.all(instants.map(async (instant) => heldAt(instant, knownAt)));
      expect(await answers(1)).toEqual([['prod.admin'], [], [], []]);
      expect(await answers(2)).toEqual(await answers(1));
    });
  });

  describe('a grant that a review gives an end', () => {
    it('holds up to that end, as known from then on, and as before for whoever asks what was known before', async () => {
      await take(historyOf(provisioned(ada), assigned(ada, 'crm.admin'), reduced(ada, 'crm.admin', minute(10))));
      expect([await heldAt(minute(9), 2), await heldAt(minute(10), 2)]).toEqual([['crm.admin'], []]);
      expect(await heldAt(minute(10), 1)).toEqual(['crm.admin']);
    });

    it('does not hold longer when it would have ended before, and ends when it is revoked', async () => {
      await take(
        historyOf(
          provisioned(ada),
          assigned(ada, 'crm.admin', undefined, { until: minute(5) }),
          reduced(ada, 'crm.admin', minute(10)),
          confirmed(ada, 'crm.admin', minute(8)),
          revoked(ada, 'crm.admin', { effectiveAt: minute(6) }),
          reduced(ada, 'crm.admin', minute(3)),
        ),
      );
      expect([await heldAt(minute(4), 2), await heldAt(minute(5), 2)]).toEqual([['crm.admin'], []]);
      expect([await heldAt(minute(7), 3), await heldAt(minute(8), 3)]).toEqual([['crm.admin'], []]);
      expect([await heldAt(minute(5), 5), await heldAt(minute(6), 5)]).toEqual([['crm.admin'], []]);
    });
  });
});
