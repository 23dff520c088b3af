import {
  ada,
  adasPartition,
  batchOf,
  clearReader,
  partitionedHistory as events,
  ofAda,
  onEveryDatabase,
  storeOf,
} from '#libs/testing';
import { listEvents } from '../events/events.queries.js';
import { PROJECTIONS } from '../projections.js';
import { listParked } from './parked-streams.js';
import { partitionBatch } from './partitioned-log.fixture.js';
import { FREE, readModelUnderTest } from './read-model.fixture.js';
import { replayParked } from './replay-parked.js';

/** Events that were damaged on their way: what they hold up, and how they heal. */

jest.setTimeout(60_000);

/** Position of the last event. */
const END = events.length - 1;

onEveryDatabase((open) => {
  const model = readModelUnderTest({ open, events, store: storeOf(events), reader: clearReader });
  const { taker, takeAll, contents, empty, accountOf, position } = model;

  describe('an event that was damaged on its way', () => {
    const broken = events.map((event) =>
      event === ofAda(events)[1]
        ? { ...event, type: 'ProfileUpdated', data: { account: 'garbage' }, broken: true as const }
        : event,
    );

    it('parks its stream, with what follows, for everyone who projects it; the index of events does not take garbage', async () => {
      await takeAll(broken);
      const parked = await listParked(model.database, { tenant: 'acme' });
      expect(parked.map(({ projection, problem, events: count }) => [projection, problem, count])).toEqual([
        ['account-history', 'BrokenRecord', 2],
        ['accounts', 'BrokenRecord', 2],
        ['events', 'BrokenRecord', 3],
        ['grant-counts', 'BrokenRecord', 2],
        ['grant-origins', 'BrokenRecord', 2],
        ['grants', 'BrokenRecord', 2],
      ]);
      expect(await accountOf(ada)).toMatchObject({ title: null, degraded: true });
      expect(await position()).toBe(END);
    });

    it('is listed among the events all the same: nothing is left out', async () => {
      await takeAll(broken);
      const { items } = await listEvents(model.database, { tenant: null, after: -1, through: END, limit: 100 });
      expect(items.map((item) => item.position)).toEqual(events.map((event) => event.position));
    });

    it('is taken from the store, in order, when it is replayed', async () => {
      await taker().take(batchOf(events), FREE);
      const told = await contents();
      await empty();
      await takeAll(broken);
      const place = { database: model.database, store: storeOf(events), reader: clearReader, lease: FREE };
      expect(await replayParked(place, PROJECTIONS, { tenant: 'globex' })).toBe(0);
      expect(await replayParked(place, PROJECTIONS, { tenant: 'acme' })).toBeGreaterThan(0);
      expect(await listParked(model.database)).toEqual([]);
      expect(await contents()).toEqual(told);
    });

    it('leaves nothing behind when it is replayed while more of its stream comes', async () => {
      const first = broken.filter((event) => event !== ofAda(broken).at(-1));
      const last = partitionBatch(adasPartition, ofAda(events).slice(-1), END);
      const place = { database: model.database, store: storeOf(events), reader: clearReader, lease: FREE };
      for (let time = 0; time < 10; time += 1) {
        await empty();
        await takeAll(first.map((event) => event)).catch(() => {});
        await model.database.query(`delete from read_model.checkpoints where partition = ${adasPartition}`);
        await model.database.query(
          `insert into read_model.checkpoints select name, 1, ${END - 1}, ${END - 1}, ${adasPartition} from unnest($1::text[]) name`,
          [PROJECTIONS.map(({ name }) => name)],
        );
        await Promise.all([replayParked(place, PROJECTIONS), taker().take(last, FREE)]);
        await replayParked(place, PROJECTIONS);
        expect(await listParked(model.database)).toEqual([]);
        expect(await accountOf(ada)).toMatchObject({ title: 'Professor', degraded: false });
      }
    });
  });
});
