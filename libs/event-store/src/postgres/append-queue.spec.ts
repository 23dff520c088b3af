import { EventStoreBusyError, WrongExpectedRevisionError } from '../event-store.errors.js';
import { AppendQueue, MAX_BATCH_REQUESTS, MAX_QUEUED_REQUESTS, type Settled } from './append-queue.js';
import type { AppendRequest } from './append-request.js';

const request = (stream: string, bytes = 10): AppendRequest => ({ stream, expected: -1, events: [], bytes });
const done = { revision: 0, storePosition: 0, repeated: false };

/** A writer that notes its batches and answers each when told to. */
function writer() {
  const batches: string[][] = [];
  const answers: ((settled?: Settled) => void)[] = [];
  const queue = new AppendQueue((batch) => {
    batches.push(batch.map(({ stream }) => stream));
    return new Promise((resolve) => answers.push((settled = done) => resolve(batch.map(() => settled))));
  });
  return {
    queue,
    batches,
    answer: async (settled?: Settled) => {
      while (answers.length === 0) await new Promise(setImmediate);
      answers.shift()?.(settled);
    },
  };
}

describe('the append queue', () => {
  it('sends appends of the same moment together', async () => {
    const { queue, batches, answer } = writer();
    const appends = ['a', 'b', 'c'].map((stream) => queue.append(request(stream)));
    await answer();
    expect(await Promise.all(appends)).toEqual([done, done, done]);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('has one batch in flight and gathers the next meanwhile', async () => {
    const { queue, batches, answer } = writer();
    const first = queue.append(request('a'));
    await new Promise(setImmediate);
    const later = ['b', 'c'].map((stream) => queue.append(request(stream)));
    await new Promise(setImmediate);
    expect(batches).toEqual([['a']]);
    await answer();
    await answer();
    await Promise.all([first, ...later]);
    expect(batches).toEqual([['a'], ['b', 'c']]);
  });

  it('puts at most one append per stream in a batch and keeps their order', async () => {
    const { queue, batches, answer } = writer();
    const appends = ['a', 'a', 'b', 'a'].map((stream) => queue.append(request(stream)));
    for (let i = 0; i < 3; i += 1) await answer();
    await Promise.all(appends);
    expect(batches).toEqual([['a', 'b'], ['a'], ['a']]);
  });

  it('bounds a batch by requests and by bytes', async () => {
    const { queue, batches, answer } = writer();
    const many = Array.from({ length: MAX_BATCH_REQUESTS + 1 }, (_, i) => queue.append(request(`s${i}`)));
    const large = [
      queue.append(request('x', 5_000_000)),
      queue.append(request('y', 5_000_000)),
      queue.append(request('z', 20_000_000)),
    ];
    for (let i = 0; i < 4; i += 1) await answer();
    await Promise.all([...many, ...large]);
    expect(batches.map(({ length }) => length)).toEqual([MAX_BATCH_REQUESTS, 2, 1, 1]);
  });

  it('turns away whoever comes when it is full, and serves the rest', async () => {
    const { queue, answer } = writer();
    const waiting = Array.from({ length: MAX_QUEUED_REQUESTS }, (_, i) => queue.append(request(`s${i}`)));
    await expect(queue.append(request('late'))).rejects.toThrow(EventStoreBusyError);
    for (let i = 0; i < Math.ceil(MAX_QUEUED_REQUESTS / MAX_BATCH_REQUESTS); i += 1) await answer();
    expect(await Promise.all(waiting)).toHaveLength(MAX_QUEUED_REQUESTS);
  });

  it('rejects what failed and goes on', async () => {
    const { queue, answer } = writer();
    const failing = queue.append(request('a'));
    const refused = expect(failing).rejects.toThrow(WrongExpectedRevisionError);
    await answer(new WrongExpectedRevisionError('a', -1));
    await refused;
    const next = queue.append(request('b'));
    await answer();
    expect(await next).toEqual(done);
  });

  it('is drained when everybody has been answered', async () => {
    const { queue, answer } = writer();
    const append = queue.append(request('a'));
    const order: string[] = [];
    const drained = queue.drained().then(() => order.push('drained'));
    void append.then(() => order.push('answered'));
    await answer();
    await drained;
    expect(order).toEqual(['answered', 'drained']);
    await expect(queue.drained()).resolves.toBeUndefined();
  });
});
