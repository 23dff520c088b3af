/** What a server says of the services that it needs: each by name, nothing that leads an attacker to them. */
import { DatabaseUnavailableError, StorageFullError } from '#libs/database';
import type { EventStore, EventToAppend } from '#libs/event-store';
import { AppendMetrics } from '../metrics/append.metrics.js';
import { EventStoreObserver } from '../metrics/event-store-observer.js';
import { Metrics } from '../metrics/metrics.js';
import { Tracing } from '../tracing/tracing.js';
import { Dependencies } from './dependencies.js';
import { Readiness } from './readiness.js';
import { StorageHealth } from './storage-health.js';

const figuresOf = async ({ registry }: Metrics, name: string) =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));

describe('services that the server needs', () => {
  const metrics = new Metrics();
  const readiness = new Readiness();
  const dependencies = new Dependencies(readiness, metrics);
  let failure: Error | null = null;
  dependencies.watch('database', async () => {
    if (failure) throw failure;
  });
  dependencies.watch('kafka', async () => undefined);

  beforeEach(() => {
    failure = null;
  });

  it('are ready, and up, while they answer', async () => {
    expect(await readiness.report()).toEqual({
      ready: true,
      checks: { database: { ready: true }, kafka: { ready: true } },
    });
    expect(await figuresOf(metrics, 'gatebook_database_up')).toEqual(['gatebook_database_up 1']);
    expect(await figuresOf(metrics, 'gatebook_kafka_up')).toEqual(['gatebook_kafka_up 1']);
  });

  it.each([
    [
      'a refused connection',
      Object.assign(new Error('connect ECONNREFUSED 10.9.8.7:5432'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [
      'a wrong password',
      Object.assign(new Error('password authentication failed for user "gate"'), { code: '28P01' }),
      '28P01',
    ],
    ['a code that is none', Object.assign(new Error('x'), { code: 'postgres://gate:hunter2@10.9.8.7' }), null],
    ['no code', new Error('10.9.8.7 hunter2'), null],
  ])('are down after %s; only the code is told', async (_what, cause, code) => {
    failure = new DatabaseUnavailableError('no', cause);
    const { checks } = await readiness.report();
    expect(checks['database']).toMatchObject({ ready: false, detail: expect.stringMatching('does not answer') });
    if (code) expect(checks['database']?.detail).toContain(code);
    expect(JSON.stringify(checks)).not.toMatch(/10\.9\.8\.7|hunter2|gate"/);
  });

  it('are shown as down in the metrics', async () => {
    failure = new Error('no');
    const fresh = new Metrics();
    new Dependencies(new Readiness(), fresh).watch('event-store', () => Promise.reject(failure));
    expect(await figuresOf(fresh, 'gatebook_event_store_up')).toEqual(['gatebook_event_store_up 0']);
  });

  it('are asked one question at a time, however many look', async () => {
    const looked = new Readiness();
    let asked = 0;
    let answer: (() => void) | undefined;
    looked.register('slow', () => {
      asked += 1;
      return new Promise((resolve) => {
        answer = () => resolve({ ready: true });
      });
    });
    const reports = [looked.report(), looked.report(), looked.report()];
    expect(await Promise.all(reports)).toEqual(
      reports.map(() => ({ ready: false, checks: { slow: { ready: false, detail: 'did not answer in time' } } })),
    );
    const later = looked.report();
    answer?.();
    expect(await later).toMatchObject({ ready: true });
    expect(asked).toBe(1);
  });
});

describe('a full disk', () => {
  const full = new StorageFullError();
  const appended = { revision: 0, storePosition: 0, repeated: false };

  /** A server over a store and a disk, either of which may be full. */
  const over = () => {
    const disk = { full: true, probes: 0 };
    const readiness = new Readiness();
    const storage = new StorageHealth(readiness);
    storage.watch({
      transaction: async () => {
        disk.probes += 1;
        if (disk.full) throw full;
        return undefined as never;
      },
    });
    const metrics = new Metrics();
    const observer = new EventStoreObserver(new AppendMetrics(metrics), new Tracing(null), storage);
    const append = async () => {
      if (disk.full) throw full;
      return appended;
    };
    const store = observer.observe({ append } as unknown as EventStore);
    const tryAppend = () => store.append('a-b+c', -1, [{} as EventToAppend]).catch((error: Error) => error);
    return { disk, readiness, metrics, tryAppend };
  };

  it('is passed on, and makes the server not ready until something could be appended', async () => {
    const { disk, readiness, metrics, tryAppend } = over();
    expect(await readiness.report()).toMatchObject({ ready: true });
    expect(await tryAppend()).toBe(full);
    expect(await readiness.report()).toMatchObject({
      ready: false,
      checks: { storage: { ready: false, detail: expect.stringContaining('free space') } },
    });
    disk.full = false;
    expect(await tryAppend()).toEqual(appended);
    expect(await readiness.report()).toMatchObject({ ready: true });
    expect(await figuresOf(metrics, 'gatebook_append_duration_seconds_count')).toEqual([
      'gatebook_append_duration_seconds_count 2',
    ]);
  });

  it('is looked at again every five seconds, not with every question, and the server is ready once it has room', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const { disk, readiness, tryAppend } = over();
    await tryAppend();
    for (let i = 0; i < 5; i += 1) expect(await readiness.report()).toMatchObject({ ready: false });
    expect(disk.probes).toBe(0);
    jest.advanceTimersByTime(5_000);
    for (let i = 0; i < 5; i += 1) expect(await readiness.report()).toMatchObject({ ready: false });
    expect(disk.probes).toBe(1);
    disk.full = false;
    jest.advanceTimersByTime(5_000);
    expect(await readiness.report()).toMatchObject({ ready: true });
    jest.useRealTimers();
  });
});
