import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Faults, type KurrentDbStandIn, startKurrentDbStandIn } from '#libs/testing';
import { eventsFor } from '../contract/contract-events.js';
import { everythingIn, followUntil } from '../contract/log-readers.js';
import { AppendUnavailableError, EventStoreBusyError, InvalidAppendError } from '../event-store.errors.js';
import { type Appended, BEFORE_FIRST, type EventStore, NO_STREAM } from '../event-store.port.js';
import { PROBES } from './admission.js';
import { EventStoreRefusedError } from './kurrentdb.errors.js';
import { type KurrentDbEventStoreOptions, kurrentDbEventStore } from './kurrentdb-event-store.js';

/**
 * What holds whatever the server or the network does: an append that was acknowledged is in the log, once; one that was not can be repeated
 * with the same ids until it is; nobody waits for ever. Each fault is injected into the stand-in under appends that run at once.
 */

const CALL_MS = 700;
const PATIENCE_MS = 10_000;
/** For what is about other things than a server that does not answer. */
const PATIENT = { callMs: PATIENCE_MS };

/** Waits for something that must come about. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !holds(); ) {
    if (Date.now() > end) throw new Error('It did not come about.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

let server: KurrentDbStandIn;
let stores: EventStore[];
let troubles: unknown[];
let others: KurrentDbStandIn[];

function open(options: Partial<KurrentDbEventStoreOptions> = {}): EventStore {
  const store = kurrentDbEventStore({
    url: server.url,
    onTrouble: (error) => troubles.push(error),
    ...options,
    timeouts: { callMs: CALL_MS, ...options.timeouts },
  });
  stores.push(store);
  return store;
}

beforeEach(async () => {
  server = await startKurrentDbStandIn();
  stores = [];
  troubles = [];
  others = [];
});
afterEach(async () => {
  server.faults.clear();
  await Promise.all(stores.map((store) => store.close()));
  for (const one of [server, ...others]) await one.stop();
}, 30_000);

const NAMES = Array.from({ length: 12 }, (_, number) => `account-acme+${number}`);

/** Repeats an append as its caller would, until it is acknowledged. */
async function surely(store: EventStore, stream: string): Promise<Appended> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.append(stream, NO_STREAM, eventsFor(stream, 2));
    } catch (error) {
      const again =
        error instanceof AppendUnavailableError ||
        error instanceof EventStoreBusyError ||
        error instanceof EventStoreRefusedError;
      if (!again || tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function expectOnce(store: EventStore, acknowledged: readonly Appended[]): Promise<void> {
  const events = await everythingIn(store, { after: BEFORE_FIRST });
  const expected = NAMES.flatMap((stream) => eventsFor(stream, 2).map(({ id }) => id));
  expect(events.map(({ id }) => id).sort()).toEqual(expected.sort());
  for (const { storePosition, revision } of acknowledged)
    expect(events.find((event) => event.storePosition === storePosition)).toMatchObject({ revision });
}

/** What is really held, in bytes: garbage that merely was not collected yet does not count. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('appends', () => {
  type Inject = (faults: Faults) => void;
  it.each<[string, Inject]>([
    ['loses appends', (faults) => faults.drop('append', { commit: 'before', times: 3 })],
    ['loses the answers to appends', (faults) => faults.drop('append', { commit: 'after', times: 3 })],
    ['loses an append and all of its repeats', (faults) => faults.drop('append', { commit: 'before', times: 30 })],
    ['loses reads', (faults) => faults.drop('read', { times: 3 })],
    ['is unavailable', (faults) => faults.unavailable(3)],
    ['is unavailable after it has stored', (faults) => faults.unavailable(3, { stored: true })],
    ['is unavailable for reads', (faults) => faults.unavailable(3, { which: 'read' })],
    ['says that another one leads', (faults) => faults.notLeader(3)],
    ['says so to reads', (faults) => faults.notLeader(3, 'read')],
    ['does not get its commit done in time', (faults) => faults.refuse('timeout', 3)],
    ['fails in a way that it has no word for', (faults) => faults.refuse('unknown', 3)],
    ['denies access for a while', (faults) => faults.refuse('access-denied', 3)],
    ['does not know what it can do (UNKNOWN)', (faults) => faults.wrongFeatures(2, 2)],
    ['does not say what it can do (PERMISSION_DENIED)', (faults) => faults.wrongFeatures(7, 2)],
    ['does not answer what it can do', (faults) => faults.drop('features', { times: 2 })],
  ])(
    'are in the log once when the server %s',
    async (_, inject) => {
      const store = open();
      inject(server.faults);
      const acknowledged = await Promise.all(NAMES.map((stream) => surely(store, stream)));
      await expectOnce(store, acknowledged);
    },
    60_000,
  );

  it('are in the log once when connections are cut again and again', async () => {
    const store = open();
    server.faults.delay(20, 'append');
    const cutting = setInterval(() => server.faults.kill(), 50);
    const acknowledged = await Promise.all(NAMES.map((stream) => surely(store, stream)));
    clearInterval(cutting);
    await expectOnce(store, acknowledged);
  }, 60_000);

  it('are in the log once when the server dies under them and comes back', async () => {
    const store = open();
    server.faults.delay(50, 'append');
    const appending = Promise.all(NAMES.map((stream) => surely(store, stream)));
    await server.kill();
    await server.restart();
    await expectOnce(store, await appending);
  }, 60_000);

  it('go through when the server comes up long after us', async () => {
    await server.kill();
    const store = open({ url: server.url.replace('?', '?maxDiscoverAttempts=2&') });
    for (let tries = 0; tries < 8; tries += 1) await expect(store.head()).rejects.toThrow();
    await server.restart();
    await expectOnce(store, await Promise.all(NAMES.map((stream) => surely(store, stream))));
  }, 60_000);

  it('whose answer was lost are not called repeats, and their repeats are', async () => {
    const store = open();
    server.faults.drop('append', { commit: 'after' });
    const [stream = ''] = NAMES;
    expect(await surely(store, stream)).toMatchObject({ revision: 1, repeated: false });
    expect(await surely(store, stream)).toMatchObject({ revision: 1, repeated: true });
  });

  it('that the server stores too late are recognised when they are repeated', async () => {
    const store = open();
    const [stream = ''] = NAMES;
    server.faults.delay(4 * CALL_MS, 'append');
    await expect(store.append(stream, NO_STREAM, eventsFor(stream, 2))).rejects.toThrow(AppendUnavailableError);
    server.faults.delay(0, 'append');
    await until(() => server.faults.seen.calls.append === 3);
    await surely(store, stream);
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  it('that are too large for the server are refused with the reason', async () => {
    const store = open({ timeouts: PATIENT }); // two megabytes take their time on a busy machine
    const [event] = eventsFor('large', 1);
    const events = [1, 2].map((number) => ({
      ...event,
      id: eventsFor(`large-${number}`, 1)[0].id,
      data: 'x'.repeat(900_000),
    }));
    await expect(store.append('account-acme+large', NO_STREAM, events)).rejects.toThrow(InvalidAppendError);
    expect(await store.readStream('account-acme+large')).toEqual([]);
  });
});

describe('a server that answers nothing', () => {
  it('is noticed within the time-out; appends fail with an unknown outcome, soon', async () => {
    const store = open();
    await store.head();
    server.faults.stall();
    const startedAt = performance.now();
    const append = store.append('account-acme+ada', NO_STREAM, eventsFor('ada', 1));
    const failing = expect(append).rejects.toThrow(AppendUnavailableError);
    await until(() => troubles.length > 0);
    expect(performance.now() - startedAt).toBeLessThan(CALL_MS + 300);
    await failing;
    expect(performance.now() - startedAt).toBeLessThan(3 * CALL_MS + 1_000);
  });

  it('is left alone but for a few probes, so that nothing piles up, and is used again when it is back', async () => {
    const store = open();
    await store.head();
    server.faults.stall();
    await expect(store.append('account-acme+first', NO_STREAM, eventsFor('first', 1))).rejects.toThrow(
      AppendUnavailableError,
    );

    const heapBefore = heapInUse();
    const payload = 'x'.repeat(10_000);
    const [event] = eventsFor('crowd', 1);
    let busy = 0;
    const crowd = Array.from({ length: 5_000 }, (_, number) =>
      store.append(`account-acme+crowd-${number}`, NO_STREAM, [{ ...event, data: payload }]).catch((error: unknown) => {
        if (error instanceof EventStoreBusyError) busy += 1;
      }),
    );
    await Promise.all(crowd);
    expect(busy).toBe(crowd.length - PROBES);
    expect(heapInUse() - heapBefore).toBeLessThan(20_000_000); // 5,000 waiting appends would hold 50 MB

    server.faults.resume();
    await surely(store, 'account-acme+back');
    expect(await store.readStream('account-acme+back')).toHaveLength(2);
  }, 30_000);

  it('lets a follower go on where it was', async () => {
    const store = open();
    const following = followUntil(store, { after: BEFORE_FIRST }, 4);
    await surely(store, 'account-acme+before');
    server.faults.stall();
    await until(() => troubles.length > 0);
    server.faults.resume();
    await surely(store, 'account-acme+after');
    const { events } = await following;
    expect(events.map(({ stream, revision }) => `${stream}/${revision}`)).toEqual([
      'account-acme+before/0',
      'account-acme+before/1',
      'account-acme+after/0',
      'account-acme+after/1',
    ]);
  }, 30_000);
});

describe('a server that does not let us in', () => {
  it('is told from one that is down, without the password', async () => {
    const guarded = await startKurrentDbStandIn({ tls: true, credentials: { user: 'gatebook', password: 'right' } });
    others.push(guarded);
    const store = open({ url: guarded.url.replace('right', 'wr0ng-secret') });
    const refused = await store
      .append('account-acme+ada', NO_STREAM, eventsFor('ada', 1))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(EventStoreRefusedError);
    expect((refused as Error).message).toMatch(/does not let us in.*user: gatebook.*Correct user and password/);
    expect((refused as Error).message).not.toContain('wr0ng-secret');
    await expect(store.head()).rejects.toThrow(EventStoreRefusedError);
  });
});

describe('following', () => {
  /** Longer than any test: whatever arrives was hinted at. */
  const NEVER = { callMs: CALL_MS, idleMs: 600_000 };

  it('delivers at once what another process appends', async () => {
    const [here, elsewhere] = [open({ timeouts: NEVER }), open()];
    const following = followUntil(here, { after: await here.head() }, 2);
    await until(() => server.faults.seen.subscriptions === 1);
    await surely(elsewhere, 'account-acme+there');
    expect((await following).events).toHaveLength(2);
  });

  it('delivers at once what this process appends, even without a subscription', async () => {
    server.faults.drop('subscribe', { times: 100 });
    const store = open({ timeouts: NEVER });
    const following = followUntil(store, { after: await store.head() }, 2);
    await until(() => server.faults.seen.calls.subscribe > 0);
    await surely(store, 'account-acme+here');
    expect((await following).events).toHaveLength(2);
  });

  it('subscribes again when the connection breaks, and catches up on what happened meanwhile', async () => {
    const [here, elsewhere] = [open({ timeouts: NEVER }), open()];
    const following = followUntil(here, { after: await here.head() }, 6);
    await until(() => server.faults.seen.subscriptions === 1);
    await surely(elsewhere, 'account-acme+1');
    server.faults.kill();
    await surely(elsewhere, 'account-acme+2');
    await server.restart();
    await surely(elsewhere, 'account-acme+3');
    expect((await following).events.map(({ revision }) => revision)).toEqual([0, 1, 0, 1, 0, 1]);
  }, 30_000);

  it('subscribes again when nothing comes for too long', async () => {
    const store = open({ timeouts: { ...NEVER, ...PATIENT, quietMs: 100 } });
    const stop = new AbortController();
    const pages = store.follow({ after: BEFORE_FIRST }, stop.signal)[Symbol.asyncIterator]();
    const next = pages.next();
    await until(() => server.faults.seen.calls.subscribe >= 4);
    expect(server.faults.seen.subscriptions).toBeLessThanOrEqual(2);
    expect(troubles).toEqual([]);
    stop.abort();
    await next;
  });

  it('does not look at the log for categories that it does not follow', async () => {
    const [here, elsewhere] = [open({ timeouts: NEVER }), open()];
    const stop = new AbortController();
    const pages = here.follow({ after: await here.head(), categories: ['role'] }, stop.signal)[Symbol.asyncIterator]();
    const next = pages.next();
    await until(() => server.faults.seen.subscriptions === 1);
    await surely(elsewhere, 'account-acme+warm');
    const { append, read } = server.faults.seen.calls;
    for (let number = 0; number < 20; number += 1) await surely(elsewhere, `account-acme+other-${number}`);
    const after = server.faults.seen.calls;
    expect(after.append - append).toBe(20);
    // each append reads back its own last event; whoever looked for each of them would read 20 times more. A look that was under way when
    // the count began (the one after subscribing) may still come
    expect(after.read - read).toBeLessThan(25);
    await surely(elsewhere, 'role-acme+crm.reader');
    expect((await next).value.events).toHaveLength(2);
    stop.abort();
  });

  it('leaves no subscription behind on the server', async () => {
    const store = open();
    await surely(store, 'account-acme+ada');
    await followUntil(store, { after: BEFORE_FIRST }, 2);
    await until(() => server.faults.seen.subscriptions === 1);
    await store.close();
    await until(() => server.faults.seen.subscriptions === 0);
  });
});
