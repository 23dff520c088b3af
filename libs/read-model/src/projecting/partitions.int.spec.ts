import { PARTITIONS, partitionOf, type SealedEvents, type SealedStoredEvent } from '#libs/bus';
import {
  ada,
  adasPartition,
  batchOf,
  clearReader,
  cy,
  partitionedHistory as events,
  ofAda,
  onEveryDatabase,
  storeOf,
} from '#libs/testing';
import { readPosition } from '../read-position.js';
import { inPartition, PartitionedLog, partitionBatch, wholeLog } from './partitioned-log.fixture.js';
import { readPlaces } from './places.js';
import { type ProjectionRunnerOptions } from './projection-runner.js';
import { ALL, FREE, readModelUnderTest } from './read-model.fixture.js';
import { type Taken } from './take-batches.js';

/** Projecting a log that comes in partitions: who takes what, where it stops, and what several readers do to each other. */

jest.setTimeout(60_000);

/** Position of the last event. */
const END = events.length - 1;

onEveryDatabase((open) => {
  const model = readModelUnderTest({ open, events, store: storeOf(events), reader: clearReader });
  const { runnerOf, taker, takeAll, contents, empty, accountOf, position, run } = model;

  describe('several projectors', () => {
    it('share the partitions, and end in the rows of one', async () => {
      await taker().take(batchOf(events), FREE);
      const told = await contents();
      await empty();
      const log = new PartitionedLog(events, 1);
      expect(await run(runnerOf(log), runnerOf(log), runnerOf(log))).toEqual([null, null, null]);
      expect(log.follows).toBe(3);
      expect(await contents()).toEqual(told);
    });

    it('hand partitions over while they take them, and end in the same rows', async () => {
      await taker().take(batchOf(events), FREE);
      const told = await contents();
      await empty();
      const log = new PartitionedLog(events, 1);
      const running = run(runnerOf(log), runnerOf(log));
      for (let turn = 0; turn < 30; turn += 1) {
        log.shareOut(turn);
        await position();
      }
      expect(await running).toEqual([null, null]);
      expect(await contents()).toEqual(told);
    });

    it('take turns where two have the same partition for a moment: the second finds the events done', async () => {
      const seen: Taken[] = [];
      const readers = [
        taker({ onTaken: (taken) => seen.push(taken) }),
        taker({ onTaken: (taken) => seen.push(taken) }),
      ];
      const batch = partitionBatch(adasPartition, inPartition(events, adasPartition));
      await Promise.all(readers.map((reader) => reader.take(batch, FREE)));
      expect(seen.map(({ duplicates }) => duplicates).sort()).toEqual([0, batch.events.length].sort());
    });
  });

  describe('the position', () => {
    it('is that of the partition that is furthest behind, idle or not', async () => {
      const runner = taker();
      await runner.take(partitionBatch(adasPartition, inPartition(events, adasPartition), END), FREE);
      expect(await readPosition(model.database)).toEqual({ position: -1, storePosition: -1 });
      for (const partition of ALL.filter((each) => each !== adasPartition))
        await runner.take(partitionBatch(partition, inPartition(events, partition), END - 2), FREE);
      expect(await readPosition(model.database)).toEqual({ position: END - 2, storePosition: END - 2 });
    });

    it('is exact when the log comes as a whole, then in partitions, then as a whole again', async () => {
      const taken: Taken[] = [];
      const runner = taker({ onTaken: (one) => taken.push(one) });
      await runner.take(batchOf(events.slice(0, 4)), FREE);
      expect(await position()).toBe(3);
      await runner.take(partitionBatch(adasPartition, inPartition(events, adasPartition).slice(0, -1), END - 1), FREE);
      expect(await position()).toBe(3);
      await runner.take(batchOf(events.slice(4)), FREE);
      expect(await position()).toBe(END);
      await takeAll(events, runner);
      expect(taken.reduce((sum, { events: some, duplicates }) => sum + some.length - duplicates, 0)).toBe(
        events.length,
      );
      expect(await accountOf(ada)).toMatchObject({ title: 'Professor', roles: ['crm.reader'] });
    });
  });

  it('tells where to go on: what every projection has, and the bookmark that came with it', async () => {
    await taker().take(partitionBatch(adasPartition, inPartition(events, adasPartition).slice(0, 2), 4), FREE);
    const told = new Map<number, unknown>();
    const asking: SealedEvents = {
      shared: true,
      follow: async ({ place }) => {
        for (const partition of ALL) told.set(partition, await place(partition));
      },
    };
    await runnerOf(asking).run(FREE, new AbortController().signal);
    expect(told.get(adasPartition)).toEqual({ position: 4, bookmark: 'after 4' });
    expect(told.get((adasPartition + 1) % PARTITIONS)).toEqual({ position: -1, bookmark: null });
  });

  describe('an event in another stream', () => {
    it('counts whichever comes first: a sign-in that was taken back before it arrived does not count', async () => {
      const [signIn, refusal] = [events[3], events[4]] as [SealedStoredEvent, SealedStoredEvent];
      const runner = taker();
      await runner.take(partitionBatch(adasPartition, inPartition(events, adasPartition)), FREE);
      const refusals = partitionOf(refusal.stream);
      await runner.take(partitionBatch(refusals, inPartition(events, refusals)), FREE);
      const signIns = partitionOf(signIn.stream);
      await runner.take(partitionBatch(signIns, inPartition(events, signIns)), FREE);
      expect((await accountOf(ada))?.last_sign_in_at).toBeNull();
    });
  });

  describe('a loss on the way', () => {
    const own = inPartition(events, adasPartition);
    const lossy = own.filter((event) => event !== ofAda(events)[1]); // the second event of the stream is missing

    it('stops the partition before the event that lacks its predecessor', async () => {
      const stop = await taker().take(partitionBatch(adasPartition, lossy, END), FREE);
      expect(stop).toMatchObject({ reason: 'sealed-log-broken' });
      expect((stop as { message: string }).message).toContain('revision 2 of a stream came, and revision 1 never did');
      expect(await accountOf(ada)).toMatchObject({ title: null });
      const before = lossy.filter((event) => event.position < (ofAda(events)[2]?.position ?? 0));
      expect((await readPlaces(model.database)).get(adasPartition)?.position).toBe(before.at(-1)?.position);
    });

    it('is found by a process that has just begun, too, and is none where another process took the predecessor', async () => {
      await taker().take(partitionBatch(adasPartition, lossy.slice(0, 1)), FREE);
      expect(await taker().take(partitionBatch(adasPartition, lossy.slice(1)), FREE)).not.toBeNull();
      await taker().take(partitionBatch(adasPartition, own.slice(0, 2)), FREE);
      expect(await taker().take(partitionBatch(adasPartition, own.slice(2)), FREE)).toBeNull();
    });

    it('ends the run, and is told as the reason', async () => {
      const runner = runnerOf(new PartitionedLog(events.filter((event) => event !== ofAda(events)[1])));
      const [stop] = await run(runner);
      expect(stop).toMatchObject({ reason: 'sealed-log-broken' });
      expect((await runner.status()).stopped).toEqual(stop);
    });

    it('is an event in a partition where its stream does not belong', async () => {
      const elsewhere = (adasPartition + 1) % PARTITIONS;
      const stop = await taker().take(partitionBatch(elsewhere, own), FREE);
      expect(stop).toMatchObject({ message: expect.stringContaining('does not belong') });
    });
  });

  it('stops only the partition of an event that it does not understand, before it', async () => {
    const strange = events.map((event) => (event === ofAda(events)[1] ? { ...event, type: 'AccountFrozen' } : event));
    const runner = taker();
    const batches = ALL.map((partition) => partitionBatch(partition, inPartition(strange, partition), END));
    const stops = await Promise.all(batches.map((batch) => runner.take(batch, FREE)));
    expect(stops.filter((stop) => stop !== null)).toEqual([
      { reason: 'unknown-type', type: 'AccountFrozen', position: ofAda(events)[1]?.position },
    ]);
    expect(await accountOf(ada)).toMatchObject({ title: null });
    expect(await accountOf(cy)).toMatchObject({ title: 'Painter' });
  });

  describe('a projection that is held', () => {
    const hold = (seconds: number) =>
      model.database.query(
        `insert into read_model.holds select 'grants', clock_timestamp() + $1 * interval '1 s'
         on conflict (projection) do update set until = excluded.until`,
        [seconds],
      );

    it('is not written, nor is any other; projecting goes on afterwards, without any trouble', async () => {
      await hold(60);
      await expect(taker().take(batchOf(events), FREE)).rejects.toMatchObject({ code: 'projection-held' });
      expect(await contents()).toEqual([]);
      const trouble: unknown[] = [];
      const running = run(runnerOf(new PartitionedLog(events), { onTrouble: (error) => trouble.push(error) }));
      await hold(0.3);
      expect(await running).toEqual([null]);
      expect(trouble).toEqual([]);
    });

    it('is not moved on by a tick either', async () => {
      await takeAll(events.slice(0, 2));
      await hold(60);
      await expect(taker().take(batchOf([], END), FREE)).rejects.toMatchObject({ code: 'projection-held' });
    });
  });

  it('waits trouble with the model.database out without leaving the group', async () => {
    let failures = 3;
    const failing: ProjectionRunnerOptions['database'] = {
      query: model.database.query,
      transaction: (work) =>
        failures-- > 0 ? Promise.reject(new Error('The model.database is away.')) : model.database.transaction(work),
    };
    const trouble: unknown[] = [];
    const log = new PartitionedLog(events);
    expect(await run(runnerOf(log, { database: failing, onTrouble: (error) => trouble.push(error) }))).toEqual([null]);
    expect(trouble).toHaveLength(3);
    expect(log.follows).toBe(1);
  });

  it('writes the ticks of all partitions together', async () => {
    await takeAll();
    let transactions = 0;
    const counting: ProjectionRunnerOptions['database'] = {
      query: model.database.query,
      transaction: (work) => {
        transactions += 1;
        return model.database.transaction(work);
      },
    };
    const ticking: SealedEvents = {
      shared: true,
      follow: async ({ place, take }) => {
        for (const partition of ALL) await place(partition);
        await Promise.all(ALL.map((partition) => take({ ...partitionBatch(partition, [], END), storeThrough: 99 })));
      },
    };
    await runnerOf(ticking, { database: counting }).run(FREE, new AbortController().signal);
    expect(transactions).toBe(1);
    expect(await readPosition(model.database)).toEqual({ position: END, storePosition: 99 });
  });

  it('takes three statements besides the rows for a batch of the log as a whole', async () => {
    const names: string[] = [];
    const listening: ProjectionRunnerOptions['database'] = {
      query: model.database.query,
      transaction: (work) =>
        model.database.transaction((client) =>
          work({
            query: (statement: { name?: string }) => {
              names.push(statement.name ?? '');
              return client.query(statement as never);
            },
          } as never),
        ),
    };
    await taker({ database: listening }).take(batchOf(events), FREE);
    expect(names.filter((name) => name.startsWith('read_model.'))).toEqual([
      'read_model.lock',
      'read_model.standing',
      'read_model.advance',
    ]);
  });

  it('goes on alone on a log that is not shared, for every partition', async () => {
    expect(await run(runnerOf(wholeLogThatWaits()))).toEqual([null]);
    expect((await readPlaces(model.database)).get(adasPartition)?.position).toBe(-1);
  });

  const wholeLogThatWaits = (): SealedEvents => ({
    shared: false,
    follow: async (reader, signal) => {
      await wholeLog(events, 4).follow(reader, signal);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  });
});
