import type { SealedEvent } from '#libs/kernel';
import { ada, bo, historyOf, onEveryDatabase, provisioned, signedIn, signInRefused, yusuf } from '#libs/testing';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import type { ReportSource } from '../report-kind.js';
import { countEvents } from './event-places.queries.js';
import { EVENTS_PER_PAGE, type EventWalk, eventsOf } from './event-walk.js';
import { markingReader, wholeStoreOf } from './told-history.fixture.js';

const SIGN_INS = 1_250;

const history = historyOf(
  provisioned(ada),
  provisioned(bo),
  provisioned(yusuf),
  ...Array.from({ length: SIGN_INS }, (_, nth) => signedIn(nth % 2 === 0 ? ada : yusuf, 'okta', { nth })),
  ...Array.from({ length: 20 }, (_, seed) => signInRefused(bo, 'no-account', { seed, connection: 'entra' })),
);

const walkOf = (over: Partial<EventWalk> = {}): EventWalk => ({
  tenant: 'acme',
  types: ['SignedIn'],
  from: null,
  to: history.at(-1)?.recordedAt ?? '',
  knownAt: history.length - 1,
  after: -1,
  personal: true,
  ...over,
});

async function walked(
  source: Pick<ReportSource, 'database' | 'store' | 'reader'>,
  walk: EventWalk,
): Promise<SealedEvent[]> {
  const events: SealedEvent[] = [];
  for await (const page of eventsOf(source, walk)) {
    expect(page.events.length).toBeLessThanOrEqual(EVENTS_PER_PAGE);
    events.push(...page.events);
  }
  return events;
}

const positionsOf = (events: readonly SealedEvent[]): readonly number[] => events.map(({ position }) => position);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeAll(() => told.tell(history));

  /** The same source, with its reads of the store counted. */
  function counted() {
    const { database, reader, store } = told.source;
    const reads = { stream: 0, log: 0 };
    const counting: ReportSource['store'] = {
      readStream: (stream, query) => {
        reads.stream += 1;
        return store.readStream(stream, query);
      },
      readLog: (query) => {
        reads.log += 1;
        return store.readLog(query);
      },
    };
    return { source: { database, reader, store: counting }, reads };
  }

  it('meets every event of the tenant once, in the order of the log', async () => {
    const events = await walked(told.source, walkOf());

    expect(events).toEqual(history.filter(({ tenant, type }) => tenant === 'acme' && type === 'SignedIn'));
    expect(await countEvents(told.source.database, walkOf())).toBe(events.length);
  });

  it.each([
    ['an account', { types: ['UserProvisioned', 'SignInRefused'], account: bo.account }, 21],
    ['a connection', { types: ['SignedIn', 'SignInRefused'], connection: 'entra' }, 20],
    ['people', { types: ['SignedIn', 'SignInRefused'], byPeople: true }, 0],
    ['a tenant that there is not', { tenant: 'nobody' }, 0],
  ])('meets those of %s alone', async (_name, over, count) => {
    const walk = walkOf(over);

    expect(await walked(told.source, walk)).toHaveLength(count);
    expect(await countEvents(told.source.database, walk)).toBe(count);
  });

  it('begins after its beginning and ends with its end', async () => {
    const [from, to] = [history[5], history[9]] as const;
    const period = { from: from?.recordedAt ?? '', to: to?.recordedAt ?? '' };

    expect(positionsOf(await walked(told.source, walkOf(period)))).toEqual([7, 9]);
    expect(await countEvents(told.source.database, walkOf(period))).toBe(2);
  });

  it('goes on after any page', async () => {
    const whole = positionsOf(await walked(told.source, walkOf()));

    for await (const { through } of eventsOf(told.source, walkOf()))
      expect(positionsOf(await walked(told.source, walkOf({ after: through })))).toEqual(
        whole.filter((position) => position > through),
      );
  });

  it('takes facts that have a stream each from the log, in few reads', async () => {
    const { source, reads } = counted();
    const events = await walked(source, walkOf());

    expect(events).toHaveLength(SIGN_INS / 2);
    expect(reads.stream).toBe(0);
    expect(reads.log).toBeLessThan(8);
  });

  it('reads a few streams one by one', async () => {
    const { source, reads } = counted();
    const events = await walked(source, walkOf({ types: ['UserProvisioned'] }));

    expect(positionsOf(events)).toEqual([0, 1]);
    expect(reads).toEqual({ stream: 2, log: 0 });
  });

  it('says so when the store lacks an event of the index', async () => {
    const store = wholeStoreOf([]);

    await expect(walked({ ...told.source, store }, walkOf())).rejects.toThrow('The store lacks an event');
  });
});
