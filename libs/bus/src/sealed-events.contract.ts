import { type Reading, reading } from './contract/reading.js';
import { EVERY_PARTITION, PARTITIONS, partitionOf } from './partitions.js';
import { BEFORE_SEALED, MAX_BATCH_EVENTS, type SealedEvents, TICK_MS } from './sealed-events.port.js';

/** One adapter on an empty sealed log. */
export interface BusUnderTest {
  readonly bus: SealedEvents;
  /** Appends and seals that many events, each in a stream of its own, and answers their ids in order. */
  seal(count: number): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** How much later than promised a tick may come on a busy machine, in milliseconds. */
const LATENESS_MS = 1_500;

/** The specification of how readers receive the sealed log; every adapter passes it. */
export function sealedEventsContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`sealed events contract: ${name}`, () => {
    let subject: BusUnderTest;
    const ids: string[] = [];
    const seal = async (count: number) => ids.push(...(await subject.seal(count)));
    const last = () => ids.length - 1;

    /** A reader that has everything up to a position, and reads until it has everything up to another. */
    const readThrough = async (after: number, position: number): Promise<Reading> => {
      const reader = reading(after);
      await reader.readOn(subject.bus, () => reader.reached() >= position);
      return reader;
    };

    beforeAll(async () => {
      subject = await open();
    }, 120_000);
    afterAll(() => subject?.end(), 60_000);

    it('ticks at once on an empty log, for every partition', async () => {
      const reader = reading(BEFORE_SEALED);
      await reader.readOn(subject.bus, () => reader.hasHeardOfAll());
      for (const { events, sealedThrough, storeThrough } of reader.batches)
        expect([events, sealedThrough, storeThrough]).toEqual([[], BEFORE_SEALED, -1]);
    }, 30_000);

    it('delivers every event once, in order, in bounded batches that follow each other without a gap', async () => {
      await seal(MAX_BATCH_EVENTS + 200);
      const { batches, events } = await readThrough(BEFORE_SEALED, last());
      expect(events().map(({ id }) => id)).toEqual(ids);
      expect(events().map(({ position }) => position)).toEqual(ids.map((_, index) => index));
      expect(Math.max(...batches.map(({ events: { length } }) => length))).toBeLessThanOrEqual(MAX_BATCH_EVENTS);
      for (const { events: inBatch, sealedThrough, storeThrough } of batches) {
        expect(sealedThrough).toBeGreaterThanOrEqual(inBatch.at(-1)?.position ?? BEFORE_SEALED);
        expect(storeThrough).toBeGreaterThanOrEqual(inBatch.at(-1)?.storePosition ?? BEFORE_SEALED);
      }
    }, 60_000);

    it('keeps to the partitions, and in each to the order of the log', async () => {
      const { batches } = await readThrough(BEFORE_SEALED, last());
      const ends = new Map<number, number>();
      for (const { partition, events } of batches) {
        for (const { stream, position } of events) {
          expect([EVERY_PARTITION, partitionOf(stream)]).toContain(partition);
          expect(position).toBeGreaterThan(ends.get(partition) ?? BEFORE_SEALED);
          ends.set(partition, position);
        }
      }
    }, 30_000);

    it('tells where an event stands in its tenant and when it was sealed', async () => {
      const [first] = (await readThrough(BEFORE_SEALED, 0)).events();
      expect(first).toMatchObject({ tenant: 'acme', tenantPosition: 0, position: 0, revision: 0 });
      expect(first?.sealedAt).toMatch(/^\d{4}-.*\.\d{3}Z$/);
      expect(first?.broken).toBeUndefined();
    }, 30_000);

    it.each([0, 1, 999, 1_000, 1_198])(
      'goes on after position %i',
      async (after) => {
        const { events } = await readThrough(after, last());
        expect(events().map(({ id }) => id)).toEqual(ids.slice(after + 1));
      },
      30_000,
    );

    it('goes on where a reader was interrupted, with the bookmarks that it kept', async () => {
      const reader = reading(BEFORE_SEALED);
      await reader.readOn(subject.bus, () => reader.events().length > 0);
      await reader.readOn(subject.bus, () => reader.reached() >= last());
      expect(reader.events().map(({ id }) => id)).toEqual(ids);
    }, 30_000);

    it('says where a reader stands that has everything', async () => {
      const reader = reading(last());
      await reader.readOn(subject.bus, () => reader.hasHeardOfAll());
      expect(reader.events()).toEqual([]);
      const whole = (await readThrough(last() - 1, last())).events().at(-1);
      expect(new Set(reader.batches.map(({ storeThrough }) => storeThrough))).toEqual(new Set([whole?.storePosition]));
    }, 30_000);

    it('delivers live what is sealed, without a gap to what was there', async () => {
      const after = last() - 3;
      const through = ids.length + 29;
      const following = readThrough(after, through);
      for (let i = 0; i < 10; i += 1) await seal(3);
      expect((await following).events().map(({ id }) => id)).toEqual(ids.slice(after + 1));
    }, 60_000);

    it('ticks at least once per second while nothing happens', async () => {
      const reader = reading(last());
      const times: number[] = [];
      await reader.readOn(subject.bus, ({ partition }) => {
        if (partition === EVERY_PARTITION || partition === PARTITIONS - 1) times.push(performance.now());
        return times.length === 3;
      });
      const [first, second, third] = times as [number, number, number];
      expect(Math.max(second - first, third - second)).toBeLessThan(TICK_MS + LATENESS_MS);
    }, 30_000);

    it('serves several readers, each at its own place', async () => {
      const all = await Promise.all([readThrough(BEFORE_SEALED, last()), readThrough(700, last())]);
      expect(all.map(({ events }) => events().length)).toEqual([ids.length, ids.length - 701]);
    }, 30_000);

    it('hands a batch on again that could not be taken', async () => {
      const reader = reading(last() - 5);
      const failing = { ...reader, take: () => Promise.reject(new Error('the database is away')) };
      await expect(reader.readOn(subject.bus, () => true, failing)).rejects.toThrow('the database is away');
      await reader.readOn(subject.bus, () => reader.reached() >= last());
      expect(reader.events().map(({ id }) => id)).toEqual(ids.slice(-5));
    }, 30_000);

    it('ends without an error when it is told to', async () => {
      const stop = new AbortController();
      const reader = reading(last());
      const following = subject.bus.follow({ ...reader, take: reader.takeUntil(() => stop.abort()) }, stop.signal);
      await expect(following).resolves.toBeUndefined();
    }, 30_000);
  });
}
