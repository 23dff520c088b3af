import { eventsFor, idOf, streams } from './contract/contract-events.js';
import { everythingIn, followUntil } from './contract/log-readers.js';
import { AppendUnavailableError, WrongExpectedRevisionError } from './event-store.errors.js';
import { BEFORE_FIRST, type EventStore, NO_STREAM } from './event-store.port.js';

/** One adapter, opened on a log to which nobody else writes. */
export interface StoreUnderTest {
  readonly store: EventStore;
  /** On a log that is not empty, such as a server's: a tenant that no earlier run has used. */
  readonly tenant?: string;
  /** Closes the store and everything under it, and opens it again on the same data. */
  reopen(): Promise<EventStore>;
  end(): Promise<void>;
}

/**
 * The specification of an event store; every adapter passes it. Concurrent writers in several processes are the business of
 * `no-skip.contract.ts`.
 */
export function eventStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`event store contract: ${name}`, () => {
    let subject: StoreUnderTest;
    let store: EventStore;
    let nextStream: () => string;
    let named: (name: string) => string;
    /** Where the log stood before the first test. */
    let start: number;

    beforeAll(async () => {
      subject = await open();
      store = subject.store;
      const { tenant = 'acme' } = subject;
      nextStream = streams(tenant);
      named = (name) => name.replace('-', `-${tenant}+`);
      start = await store.head();
    }, 60_000);
    afterAll(() => subject?.end(), 60_000);

    it('begins with nothing after its head', async () => {
      if (subject.tenant === undefined) expect(start).toBe(BEFORE_FIRST);
      expect(await store.readLog({ after: start })).toEqual({ events: [], through: start });
      expect(await store.readStream(named('account-nobody'))).toEqual([]);
    });

    it('answers the first event of the log and of a stream exactly as it was appended', async () => {
      const stream = named('account-first');
      const [event] = eventsFor(stream, 1);
      const appended = await store.append(stream, NO_STREAM, [event]);
      expect(appended.revision).toBe(0);
      const page = await store.readLog({ after: start });
      expect(page.events).toEqual([{ ...event, stream, revision: 0, storePosition: appended.storePosition }]);
      expect(page.through).toBe(appended.storePosition);
      expect(await store.readStream(stream)).toEqual(page.events);
      expect(await store.head()).toBe(appended.storePosition);
    });

    describe('an append', () => {
      it('goes on at the expected revision', async () => {
        const stream = nextStream();
        const first = await store.append(stream, NO_STREAM, eventsFor(`${stream}/a`, 2));
        const second = await store.append(stream, 1, eventsFor(`${stream}/b`, 3));
        expect([first.revision, second.revision]).toEqual([1, 4]);
        expect(second.storePosition).toBeGreaterThan(first.storePosition);
        expect((await store.readStream(stream)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
      });

      it.each([
        ['too low', NO_STREAM],
        ['too high', 5],
      ])('is refused when the expected revision is %s, and leaves nothing', async (_, expected) => {
        const stream = nextStream();
        await store.append(stream, NO_STREAM, eventsFor(`${stream}/a`, 2));
        const head = await store.head();
        await expect(store.append(stream, expected, eventsFor(`${stream}/b`, 1))).rejects.toThrow(
          WrongExpectedRevisionError,
        );
        expect(await store.readStream(stream)).toHaveLength(2);
        expect(await store.head()).toBe(head);
      });

      it('is refused for a stream that does not exist when a revision is expected', async () => {
        const stream = nextStream();
        await expect(store.append(stream, 0, eventsFor(stream, 1))).rejects.toThrow(WrongExpectedRevisionError);
        expect(await store.readStream(stream)).toEqual([]);
      });

      it('lets exactly one of many that expect the same revision through', async () => {
        const stream = nextStream();
        const tries = Array.from({ length: 20 }, (_, i) =>
          store.append(stream, NO_STREAM, eventsFor(`${stream}/${i}`, 1)),
        );
        const results = await Promise.allSettled(tries);
        const refused = results.filter((result) => result.status === 'rejected');
        expect(refused).toHaveLength(19);
        for (const { reason } of refused) expect(reason).toBeInstanceOf(WrongExpectedRevisionError);
        expect(await store.readStream(stream)).toHaveLength(1);
      });

      it('is all or nothing', async () => {
        const stream = nextStream();
        const twice = eventsFor(stream, 2).map((event) => ({ ...event, id: idOf(`${stream}/same`) }));
        await expect(store.append(stream, NO_STREAM, twice)).rejects.toThrow();
        expect(await store.readStream(stream)).toEqual([]);
      });

      it('that no store can hold is refused and does not harm its neighbours', async () => {
        const [good, bad, better] = [nextStream(), nextStream(), nextStream()];
        const [broken] = eventsFor(bad, 1);
        const results = await Promise.allSettled([
          store.append(good, NO_STREAM, eventsFor(good, 1)),
          store.append(bad, NO_STREAM, [{ ...broken, data: { text: '\ud800' } }]),
          store.append(better, NO_STREAM, eventsFor(better, 1)),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      });

      it('keeps any JSON, key order included', async () => {
        const stream = nextStream();
        const data = JSON.parse(
          '{"z":1,"a":[null,true,-0.5,1e21,"\\u0000 \\"\\\\ \\ud83d\\ude00 {}"],"__proto__":{"x":""},"":{}}',
        );
        const [event] = eventsFor(stream, 1);
        await store.append(stream, NO_STREAM, [{ ...event, data }]);
        const [stored] = await store.readStream(stream);
        expect(JSON.stringify(stored?.data)).toBe(JSON.stringify(data));
      });
    });

    describe('a repeat with the same event ids', () => {
      it('succeeds with the revision of the first time and changes nothing', async () => {
        const stream = nextStream();
        const events = eventsFor(stream, 3);
        const first = await store.append(stream, NO_STREAM, events);
        const repeat = await store.append(stream, NO_STREAM, events);
        expect([first.repeated, repeat.repeated]).toEqual([false, true]);
        expect(repeat.revision).toBe(first.revision);
        expect(repeat.storePosition).toBe(first.storePosition);
        expect(await store.readStream(stream)).toHaveLength(3);
      });

      it('succeeds also after the stream has moved on', async () => {
        const stream = nextStream();
        const events = eventsFor(`${stream}/a`, 2);
        await store.append(stream, NO_STREAM, events);
        await store.append(stream, 1, eventsFor(`${stream}/b`, 2));
        expect((await store.append(stream, NO_STREAM, events)).revision).toBe(1);
        expect(await store.readStream(stream)).toHaveLength(4);
      });

      it('succeeds when both arrive at the same time', async () => {
        const stream = nextStream();
        const events = eventsFor(stream, 2);
        const both = await Promise.all([
          store.append(stream, NO_STREAM, events),
          store.append(stream, NO_STREAM, events),
        ]);
        expect(both.map(({ revision }) => revision)).toEqual([1, 1]);
        expect(both.map(({ repeated }) => repeated).sort()).toEqual([false, true]);
        expect(await store.readStream(stream)).toHaveLength(2);
      });

      it('is no repeat when only some of the events are the same', async () => {
        const stream = nextStream();
        const [first, second, third] = eventsFor(stream, 3);
        await store.append(stream, NO_STREAM, [first, second]);
        await expect(store.append(stream, NO_STREAM, [first, third])).rejects.toThrow(WrongExpectedRevisionError);
        await expect(store.append(stream, NO_STREAM, [first, second, third])).rejects.toThrow(
          WrongExpectedRevisionError,
        );
        expect(await store.readStream(stream)).toHaveLength(2);
      });
    });

    describe('a stream', () => {
      let stream: string;
      const revisions = async (query: Parameters<EventStore['readStream']>[1]) =>
        (await store.readStream(stream, query)).map(({ revision }) => revision);

      beforeAll(async () => {
        stream = named('account-reading');
        await store.append(stream, NO_STREAM, eventsFor(stream, 6));
      });

      it('reads forward from its first event', async () => {
        expect(await revisions({})).toEqual([0, 1, 2, 3, 4, 5]);
        expect(await revisions({ limit: 2 })).toEqual([0, 1]);
      });
      it('reads forward from a revision, inclusive', async () => {
        expect(await revisions({ from: 4 })).toEqual([4, 5]);
        expect(await revisions({ from: 6 })).toEqual([]);
      });
      it('reads backward from its last event', async () => {
        expect(await revisions({ direction: 'backward', limit: 2 })).toEqual([5, 4]);
      });
      it('reads backward from a revision, inclusive', async () => {
        expect(await revisions({ direction: 'backward', from: 1 })).toEqual([1, 0]);
      });
      it('is not mixed up with a stream whose name begins the same', async () => {
        await store.append(`${stream}-2`, NO_STREAM, eventsFor(`${stream}-2`, 1));
        expect(await revisions({})).toHaveLength(6);
      });
    });

    describe('the log', () => {
      it('reads on from any position without repeating or leaving out an event', async () => {
        const whole = await everythingIn(store, { after: start, limit: 5_000 });
        const inSteps = await everythingIn(store, { after: start, limit: 3 });
        expect(inSteps).toEqual(whole);
        const positions = whole.map(({ storePosition }) => storePosition);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        const tail = await everythingIn(store, { after: positions[4] as number, limit: 7 });
        expect(tail).toEqual(whole.slice(5));
      });

      it('shows only the categories asked for while its position moves on', async () => {
        const write = (stream: string, count: number) => store.append(stream, NO_STREAM, eventsFor(stream, count));
        const [reader, okta] = [named('role-crm.reader'), named('connection-okta')];
        await write(reader, 1);
        await write(named('roleSet-crm'), 1);
        await write(okta, 2);
        const { storePosition } = await write(named('account-last'), 1);
        const page = await store.readLog({ after: start, categories: ['role', 'connection'] });
        const names = page.events.map(({ stream }) => stream);
        expect(names).toEqual([reader, okta, okta]);
        expect(page.through).toBe(storePosition);
        expect(await store.readLog({ after: page.through, categories: ['role'] })).toEqual({
          events: [],
          through: storePosition,
        });
      });

      it('pages through a category as through the whole', async () => {
        const whole = await everythingIn(store, {
          after: start,
          limit: 5_000,
          categories: ['connection', 'account'],
        });
        const inSteps = await everythingIn(store, {
          after: start,
          limit: 2,
          categories: ['connection', 'account'],
        });
        expect(inSteps).toEqual(whole);
        const all = await everythingIn(store, { after: start, limit: 5_000 });
        expect(whole).toEqual(all.filter(({ stream }) => /^(connection|account)-/.test(stream)));
      });
    });

    describe('following the log', () => {
      it('delivers what is there and then what is appended, in order and without empty pages', async () => {
        const before = await everythingIn(store, { after: start, limit: 1_000 });
        const stream = nextStream();
        const following = followUntil(store, { after: start }, before.length + 5);
        for (let i = 0; i < 5; i += 1) await store.append(stream, i - 1, eventsFor(`${stream}/${i}`, 1));
        const { events, emptyPages } = await following;
        expect(events).toEqual(await everythingIn(store, { after: start, limit: 1_000 }));
        expect(emptyPages).toBe(0);
      });

      it('keeps to its categories', async () => {
        const after = await store.head();
        const following = followUntil(store, { after, categories: ['role'] }, 1);
        const stream = nextStream();
        await store.append(stream, NO_STREAM, eventsFor(stream, 1));
        const admin = named('role-crm.admin');
        await store.append(admin, NO_STREAM, eventsFor(admin, 1));
        expect((await following).events.map(({ stream: name }) => name)).toEqual([admin]);
      });

      it('ends without an error when it is told to', async () => {
        const stop = new AbortController();
        const pages = store.follow({ after: await store.head() }, stop.signal)[Symbol.asyncIterator]();
        const next = pages.next();
        stop.abort();
        expect(await next).toEqual({ done: true, value: undefined });
      });
    });

    it('keeps everything over a restart', async () => {
      const stream = nextStream();
      const events = eventsFor(stream, 2);
      await store.append(stream, NO_STREAM, events);
      const before = await everythingIn(store, { after: start, limit: 1_000 });
      store = await subject.reopen();
      expect(await everythingIn(store, { after: start, limit: 1_000 })).toEqual(before);
      expect((await store.append(stream, NO_STREAM, events)).revision).toBe(1);
      const { revision, storePosition } = await store.append(stream, 1, eventsFor(`${stream}/later`, 1));
      expect([revision, storePosition > (before.at(-1)?.storePosition ?? 0)]).toEqual([2, true]);
    }, 60_000);

    it('says that the outcome is unknown once what lies under it is gone', async () => {
      const gone = subject.store;
      const outcome = gone.append(named('account-late'), NO_STREAM, eventsFor('late', 1));
      await expect(outcome).rejects.toThrow(AppendUnavailableError);
    });
  });
}
