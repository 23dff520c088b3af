import { Nudge } from '../nudge.js';
import { HeadLooks } from './head-looks.js';

const IDLE_MS = 50;
const FOLLOWERS = 4;

describe('the looks at the head', () => {
  let head: jest.Mock<Promise<number>, []>;
  let nudge: Nudge;
  let looks: HeadLooks;
  let stop: AbortController;
  const wait = (after: number) => looks.untilPast(after, nudge.count, stop.signal);
  const waitAll = () => Array.from({ length: FOLLOWERS }, () => wait(7));

  beforeEach(() => {
    jest.useFakeTimers();
    head = jest.fn(async () => 7);
    nudge = new Nudge();
    looks = new HeadLooks({ head, idleMs: IDLE_MS, nudge });
    stop = new AbortController();
  });
  afterEach(() => {
    stop.abort();
    jest.useRealTimers();
  });

  it('are one per interval, however many followers wait', async () => {
    const waiting = waitAll();
    await jest.advanceTimersByTimeAsync(10 * IDLE_MS);
    expect(head).toHaveBeenCalledTimes(10);
    stop.abort();
    await Promise.all(waiting);
  });

  it('would be one per interval and follower if each looked by itself', async () => {
    const alone = Array.from({ length: FOLLOWERS }, () => new HeadLooks({ head, idleMs: IDLE_MS, nudge }));
    const waiting = alone.map((own) => own.untilPast(7, nudge.count, stop.signal));
    await jest.advanceTimersByTimeAsync(10 * IDLE_MS);
    expect(head).toHaveBeenCalledTimes(10 * FOLLOWERS);
    stop.abort();
    await Promise.all(waiting);
  });

  it('let go those whom the head has passed, and nobody else', async () => {
    const passed = jest.fn();
    const other = jest.fn();
    void wait(6).then(passed);
    void wait(7).then(other);
    await jest.advanceTimersByTimeAsync(IDLE_MS);
    expect([passed.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
    head.mockResolvedValue(8);
    await jest.advanceTimersByTimeAsync(IDLE_MS);
    expect(other).toHaveBeenCalledTimes(1);
  });

  it('are not waited for when this process has appended', async () => {
    const waiting = waitAll();
    nudge.wake();
    await Promise.all(waiting);
    expect(head).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are not waited for when the append came between the read and the wait', async () => {
    const seen = nudge.count;
    nudge.wake();
    await looks.untilPast(7, seen, stop.signal);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('fail to each follower that waited, and are taken up again', async () => {
    head.mockRejectedValueOnce(new Error('connection lost'));
    const settled = Promise.allSettled(waitAll());
    await jest.advanceTimersByTimeAsync(IDLE_MS);
    const reasons = (await settled).map((one) => one.status === 'rejected' && one.reason.message);
    expect(reasons).toEqual(Array(FOLLOWERS).fill('connection lost'));
    expect(jest.getTimerCount()).toBe(0);
    const again = wait(6);
    await jest.advanceTimersByTimeAsync(IDLE_MS);
    await again;
    expect(head).toHaveBeenCalledTimes(2);
  });

  it('go on while one follower waits, and end with the last', async () => {
    const one = new AbortController();
    const removed = jest.spyOn(stop.signal, 'removeEventListener');
    const first = looks.untilPast(7, nudge.count, one.signal);
    const last = wait(7);
    one.abort();
    await first;
    await jest.advanceTimersByTimeAsync(IDLE_MS);
    expect(head).toHaveBeenCalledTimes(1);
    stop.abort();
    await last;
    expect(jest.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('end also when the last follower leaves in the middle of one', async () => {
    let answer = (_: number) => {};
    head.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const waiting = wait(7);
    await jest.advanceTimersByTimeAsync(IDLE_MS);
    stop.abort();
    await waiting;
    answer(7);
    await jest.advanceTimersByTimeAsync(10 * IDLE_MS);
    expect(head).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('that never come back hold nobody for ever', async () => {
    head.mockReturnValue(new Promise(() => {}));
    const waiting = wait(7);
    await jest.advanceTimersByTimeAsync(10_000);
    await expect(waiting).resolves.toBeUndefined();
  });
});
