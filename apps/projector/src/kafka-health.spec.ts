import type { SealedBatch, SealedEvents, SealedEventsReader } from '#libs/bus';
import { Dependencies, Metrics, Readiness } from '#libs/platform';
import { Arrivals } from './arrivals.js';
import { KafkaHealth } from './kafka-health.js';
import type { Projecting } from './projecting.js';

/** What a projector apart from the relay says of Kafka: whether anything comes. */

const tick: SealedBatch = { partition: 0, events: [], sealedThrough: -1, storeThrough: -1, bookmark: null };

/** A carrier that brings one tick, and what is said of it. */
function projectorWith({ shared, take }: { shared: boolean; take: SealedEventsReader['take'] }) {
  const arrivals = new Arrivals();
  const carrier: SealedEvents = { shared, follow: async (reader) => void (await reader.take(tick)) };
  const readiness = new Readiness();
  const projecting = { arrivals, sealedEvents: carrier } as unknown as Projecting;
  new KafkaHealth(projecting, new Dependencies(readiness, new Metrics())).onApplicationBootstrap();
  const place = async () => ({ position: -1, bookmark: null });
  const tell = () => arrivals.watched(carrier).follow({ name: 'projector', place, take }, new AbortController().signal);
  return { tell, check: async () => (await readiness.report()).checks['kafka'] };
}

describe('Kafka, to a projector', () => {
  let clock: jest.SpyInstance<number, []>;
  beforeEach(() => {
    clock = jest.spyOn(performance, 'now').mockReturnValue(50_000);
  });
  afterEach(() => clock.mockRestore());

  it('answers while something has come in the last ten seconds', async () => {
    const { tell, check } = projectorWith({ shared: true, take: async () => 'go-on' });
    expect(await check()).toEqual({ ready: false, detail: 'does not answer' });
    await tell();
    clock.mockReturnValue(60_000);
    expect(await check()).toEqual({ ready: true });
    clock.mockReturnValue(60_001);
    expect(await check()).toMatchObject({ ready: false });
  });

  it('answers while what it brought is being taken, however long that is', async () => {
    let taken = () => {};
    const take = () => new Promise<'go-on'>((resolve) => (taken = () => resolve('go-on')));
    const { tell, check } = projectorWith({ shared: true, take });
    const telling = tell();
    clock.mockReturnValue(900_000);
    expect(await check()).toEqual({ ready: true });
    taken();
    await telling;
  });

  it('is not spoken of where the sealed log is read from the database', async () => {
    const { check } = projectorWith({ shared: false, take: async () => 'go-on' });
    expect(await check()).toBeUndefined();
  });
});
