import type { SealedBatch, SealedStoredEvent } from '#libs/bus';
import {
  ada,
  adasPartition,
  batchOf,
  clearReader,
  partitionedHistory as events,
  ofAda,
  onEveryDatabase,
  seededId,
  storeOf,
} from '#libs/testing';
import { listParked } from './parked-streams.js';
import { inPartition, logAtHand, PartitionedLog, partitionBatch } from './partitioned-log.fixture.js';
import type { ProjectionRunnerOptions } from './projection-runner.js';
import { ALL, eventually, FREE, readModelUnderTest, seal } from './read-model.fixture.js';

/** What a carrier brings counts only as far as it is sealed in the database, and as it is sealed there. */

jest.setTimeout(60_000);

const END = events.length - 1;
const own = inPartition(events, adasPartition);
const sealedLog = logAtHand(events, { patienceMs: 0 });

/** As another history of the same installation tells them: the same places, other events. */
const otherwise = events.map((event, at) => (at < 3 ? event : { ...event, id: seededId('otherwise', at) }));

onEveryDatabase((open) => {
  const model = readModelUnderTest({ open, events, store: storeOf(events), reader: clearReader });
  const { runnerOf, taker, contents, accountOf } = model;

  const run = (told: readonly SealedStoredEvent[], over: Partial<ProjectionRunnerOptions> = {}) =>
    model.run(runnerOf(new PartitionedLog(told), { sealedLog, ...over }));

  /** A runner that was given its partitions. */
  async function placed() {
    const runner = taker({
      sealedLog,
      sealedEvents: { shared: true, follow: async ({ place }) => void (await place(adasPartition)) },
    });
    await runner.run(FREE, new AbortController().signal);
    return runner;
  }

  describe('another event than was sealed in its place', () => {
    it('stops projecting at once and says what to do; nothing of it is taken', async () => {
      const [stop] = await run(otherwise, { sealedLog: logAtHand(events) });
      expect(stop).toMatchObject({ reason: 'sealed-log-broken' });
      expect((stop as { message: string }).message).toContain('another history of this installation');
      expect((stop as { message: string }).message).toContain('Delete the topic');
      expect((await contents()).filter((row) => otherwise.slice(3).some(({ id }) => row.includes(id)))).toEqual([]);
    });

    it('would be taken if nothing were held against the sealed log', async () => {
      expect(await run(otherwise, { sealedLog: undefined })).toEqual([null]); // negative control
      expect((await contents()).filter((row) => row.includes(otherwise[5]?.id as string))).toHaveLength(1);
    });
  });

  describe('a tick of another history', () => {
    it('stops projecting where it passes over what is sealed', async () => {
      const runner = await placed();
      const batch = partitionBatch(adasPartition, own.slice(0, 1), own[1]?.position as number);
      await expect(runner.take(batch, FREE)).rejects.toMatchObject({ code: 'sealed-log-broken' });
      expect(await accountOf(ada)).toBeNull();
    });

    it('is taken where nothing was sealed in its partition meanwhile', async () => {
      const runner = await placed();
      const batches = [
        partitionBatch(adasPartition, own, own.at(-1)?.position),
        partitionBatch(adasPartition, [], END),
      ];
      for (const batch of batches) expect(await runner.take(batch, FREE)).toBeNull();
      expect(await accountOf(ada)).toMatchObject({ title: 'Professor' });
    });
  });

  describe('what is not sealed', () => {
    const unsealed = {
      ...(events.at(-1) as SealedStoredEvent),
      id: seededId('unsealed'),
      revision: 4,
      position: END + 1,
    };
    const later = partitionBatch(adasPartition, [{ ...unsealed, tenantPosition: END + 1, storePosition: END + 1 }]);

    it.each<[string, SealedBatch]>([
      ['an event', later],
      ['a tick', partitionBatch(adasPartition, [], END + 1)],
    ])('stops projecting in the end: %s', async (_, batch) => {
      await expect(taker({ sealedLog }).take(batch, FREE)).rejects.toMatchObject({
        code: 'sealed-log-broken',
        message: expect.stringContaining('not sealed in it'),
      });
      expect(await contents()).toEqual([]);
    });

    it('is waited for: the relay may be about to seal it', async () => {
      const trouble: unknown[] = [];
      const sealing = { wasTold: false };
      const onTrouble = (error: unknown) => {
        trouble.push(error);
        if (!sealing.wasTold) void seal(model.database, later.events);
        sealing.wasTold = true;
      };
      const told = [...events, ...later.events];
      const ended = new AbortController();
      const running = runnerOf(new PartitionedLog(told), { sealedLog: logAtHand(told), onTrouble }).run(
        FREE,
        ended.signal,
      );
      await eventually(async () => (await model.position()) === END + 1);
      ended.abort();
      expect(await running).toBeNull();
      expect(trouble[0]).toMatchObject({ code: 'not-sealed-yet' });
      expect((await contents()).filter((row) => row.includes(unsealed.id))).not.toEqual([]);
    });
  });

  it('stands where the database has it, whatever was published before the log moved to another store', async () => {
    await model.database.query(
      `insert into ledger.moved_positions select 1, p, 5000 + p * 7 from generate_series(0, ${END}) p`,
    );
    await model.database.query('update ledger.belonging set move = 1');
    try {
      const runner = taker({ sealedLog });
      for (const partition of ALL) {
        const batch = partitionBatch(partition, inPartition(events, partition), END);
        await runner.take({ ...batch, storeThrough: 9_000_000 }, FREE);
      }
      const { rows } = await model.database.query(
        'select distinct position, store_position from read_model.checkpoints',
      );
      expect(rows).toEqual([{ position: END, store_position: 5_000 + END * 7 }]);
    } finally {
      await model.database.query('update ledger.belonging set move = 0');
    }
  });

  it('is known by its place where it arrives damaged, even with another id', async () => {
    const [, second] = ofAda(events);
    const damaged = own.map((event) => (event === second ? { ...event, id: '', broken: true as const } : event));
    expect(await taker({ sealedLog }).take(partitionBatch(adasPartition, damaged, END), FREE)).toBeNull();
    expect(await listParked(model.database, { tenant: 'acme' })).not.toEqual([]);
  });

  it('costs nothing where the sealed log itself is read', async () => {
    const names: string[] = [];
    const query = ((statement: { name?: string }, ...rest: never[]) => {
      names.push(statement.name ?? '');
      return (model.database.query as (...all: unknown[]) => unknown)(statement, ...rest);
    }) as ProjectionRunnerOptions['database']['query'];
    const database = { query, transaction: model.database.transaction };
    await taker({ sealedLog, database }).take(batchOf(events), FREE);
    await taker({ database }).take(partitionBatch(adasPartition, own, END), FREE);
    expect(names.filter((name) => name.startsWith('ledger.'))).toEqual([]);
  });
});
