import { SealedLogBrokenError } from './sealed-events.errors.js';
import { BEFORE_SEALED, MAX_BATCH_EVENTS, type SealedBatch, type SealedEvents, TICK_MS } from './sealed-events.port.js';

/** One adapter on an empty sealed log. */
export interface BusUnderTest {
  readonly bus: SealedEvents;
  /** Appends and seals that many events, and answers their ids in order. */
  seal(count: number): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** Longest wait for a batch that must come, in milliseconds. */
const PATIENCE_MS = 20_000;

/** The specification of how readers receive the sealed log; every adapter passes it. */
export function sealedEventsContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`sealed events contract: ${name}`, () => {
    let subject: BusUnderTest;
    const ids: string[] = [];
    const seal = async (count: number) => ids.push(...(await subject.seal(count)));

    /** Reads batches until one satisfies the condition. */
    const readUntil = async (after: number, enough: (batches: readonly SealedBatch[]) => boolean) => {
      const batches: SealedBatch[] = [];
      for await (const batch of subject.bus.follow({ after, signal: AbortSignal.timeout(PATIENCE_MS) })) {
        batches.push(batch);
        if (enough(batches)) break;
      }
      return batches;
    };
    const readThrough = (after: number, position: number) =>
      readUntil(after, (batches) => (batches.at(-1)?.sealedThrough ?? -1) >= position);
    const eventsIn = (batches: readonly SealedBatch[]) => batches.flatMap(({ events }) => events);

    beforeAll(async () => {
      subject = await open();
    }, 60_000);
    afterAll(() => subject?.end(), 60_000);

    it('ticks at once on an empty log', async () => {
      const [tick] = await readUntil(BEFORE_SEALED, (batches) => batches.length === 1);
      expect(tick).toEqual({ events: [], sealedThrough: BEFORE_SEALED, storeThrough: -1 });
    });

    it('delivers every event once, in order, in bounded batches that follow each other without a gap', async () => {
      await seal(MAX_BATCH_EVENTS + 200);
      const batches = await readThrough(BEFORE_SEALED, ids.length - 1);
      const events = eventsIn(batches);
      expect(events.map(({ id }) => id)).toEqual(ids);
      expect(events.map(({ position }) => position)).toEqual(ids.map((_, index) => index));
      expect(Math.max(...batches.map(({ events: { length } }) => length))).toBeLessThanOrEqual(MAX_BATCH_EVENTS);
      for (const batch of batches.filter(({ events: { length } }) => length > 0)) {
        expect(batch.sealedThrough).toBe(batch.events.at(-1)?.position);
        expect(batch.storeThrough).toBe(batch.events.at(-1)?.storePosition);
      }
    });

    it('tells where an event stands in its tenant and when it was sealed', async () => {
      const [first] = eventsIn(await readThrough(BEFORE_SEALED, 0));
      expect(first).toMatchObject({ tenant: 'acme', tenantPosition: 0, position: 0, revision: 0 });
      expect(first?.sealedAt).toMatch(/^\d{4}-.*\.\d{3}Z$/);
    });

    it.each([0, 1, 999, 1_000, 1_198])('goes on after position %i', async (after) => {
      const events = eventsIn(await readThrough(after, ids.length - 1));
      expect(events.map(({ id }) => id)).toEqual(ids.slice(after + 1));
    });

    it('says where a reader stands that has everything', async () => {
      const [tick] = await readUntil(ids.length - 1, (batches) => batches.length === 1);
      expect(tick).toMatchObject({ events: [], sealedThrough: ids.length - 1 });
      const last = eventsIn(await readThrough(ids.length - 2, ids.length - 1)).at(-1);
      expect(tick?.storeThrough).toBe(last?.storePosition);
    });

    it('delivers live what is sealed, without a gap to what was there', async () => {
      const after = ids.length - 4;
      const reading = readThrough(after, ids.length + 29);
      for (let i = 0; i < 10; i += 1) await seal(3);
      expect(eventsIn(await reading).map(({ id }) => id)).toEqual(ids.slice(after + 1));
    });

    it('ticks at least once per second while nothing happens', async () => {
      const times: number[] = [];
      await readUntil(ids.length - 1, () => times.push(performance.now()) === 3);
      const [first, second, third] = times as [number, number, number];
      expect(Math.max(second - first, third - second)).toBeLessThan(TICK_MS + 500);
    });

    it('serves several readers, each at its own place', async () => {
      const all = await Promise.all([readThrough(BEFORE_SEALED, ids.length - 1), readThrough(700, ids.length - 1)]);
      expect(all.map((batches) => eventsIn(batches).length)).toEqual([ids.length, ids.length - 701]);
    });

    it('stops a reader that stands where the log has nothing', async () => {
      await expect(readThrough(ids.length + 10, ids.length + 11)).rejects.toThrow(SealedLogBrokenError);
    });

    it('ends without an error when it is told to', async () => {
      const stop = new AbortController();
      const batches = subject.bus.follow({ after: ids.length - 1, signal: stop.signal })[Symbol.asyncIterator]();
      await batches.next();
      const next = batches.next();
      stop.abort();
      expect(await next).toEqual({ done: true, value: undefined });
    });
  });
}
