import { type SealedBatch, type SealedEvents } from '#libs/bus';
import {
  ada,
  adasPartition,
  clearReader,
  partitionedHistory as events,
  ofAda,
  onEveryDatabase,
  storeOf,
} from '#libs/testing';
import { PROJECTIONS } from '../projections.js';
import { type SealedLogAtHand } from './catch-up.js';
import { inPartition, logAtHand, PartitionedLog, partitionBatch, wholeLog } from './partitioned-log.fixture.js';
import { ALL, FREE, readModelUnderTest } from './read-model.fixture.js';

/** Readers that stand elsewhere than their group, or than the sealed log: brought up, begun again, or stopped. */

jest.setTimeout(60_000);

/** Position of the last event. */
const END = events.length - 1;

onEveryDatabase((open) => {
  const model = readModelUnderTest({ open, events, store: storeOf(events), reader: clearReader });
  const { runnerOf, taker, takeAll, accountOf, run } = model;

  it('begins again where a checkpoint was set back, so that nothing is lost', async () => {
    const told: SealedBatch[] = [];
    let setBack = false;
    const log: SealedEvents = {
      shared: true,
      follow: async ({ place, take }, signal) => {
        for (const partition of ALL) {
          const { position: at } = await place(partition);
          const due = inPartition(events, partition).filter((event) => event.position > at);
          for (const event of due) {
            const batch = partitionBatch(partition, [event]);
            told.push(batch);
            await take(batch);
            if (setBack || partition !== adasPartition) continue;
            setBack = true;
            await model.database.query(`delete from read_model.checkpoints where projection = 'accounts'`);
          }
          await take(partitionBatch(partition, [], END));
        }
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    };
    await run(runnerOf(log, { sealedLog: atHand() }));
    expect(await accountOf(ada)).toMatchObject({ title: 'Professor' });
  });

  const atHand = (over: Partial<SealedLogAtHand> = {}) => logAtHand(events, over);

  describe('a projection that lags behind its group', () => {
    const [grants, ...others] = [...PROJECTIONS].sort((a) => (a.name === 'grants' ? -1 : 1));

    it('is brought up from the sealed log before the group is joined', async () => {
      await takeAll(events, taker({ projections: others }));
      const roles = async () => (await accountOf(ada))?.roles;
      expect([grants?.name, await roles()]).toEqual(['grants', []]);
      let alone = 0;
      const exclusively: SealedLogAtHand['exclusively'] = async (work, signal) => {
        alone += 1;
        await work(FREE, signal);
      };
      const log = new PartitionedLog([]); // the group itself brings nothing any more
      expect(await run(runnerOf(log, { sealedLog: atHand({ exclusively }) }))).toEqual([null]);
      expect([alone, await roles()]).toEqual([1, ['crm.reader']]);
    });

    it('stops before what it does not understand, there too', async () => {
      await takeAll(events, taker({ projections: others }));
      const strange = events.map((event) => (event === ofAda(events)[1] ? { ...event, schemaVersion: 99 } : event));
      const sealedLog = atHand({ events: wholeLog(strange, 3) });
      const [stop] = await run(runnerOf(new PartitionedLog([]), { sealedLog }));
      expect(stop).toMatchObject({ reason: 'newer-schema-version', position: ofAda(events)[1]?.position });
    });
  });

  describe('a model.database that was set back', () => {
    it('stops a reader that stands beyond the sealed log', async () => {
      await takeAll();
      const sealedLog = atHand({ head: async () => END - 3 });
      const stop = await runnerOf(new PartitionedLog(events), { sealedLog }).run(FREE, AbortSignal.timeout(10_000));
      expect(stop).toMatchObject({ reason: 'sealed-log-broken', message: expect.stringContaining('beyond its end') });
    });
  });
});
