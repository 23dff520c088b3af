import { Nudge } from './nudge.js';

const LONG = 60_000;
const never = new AbortController().signal;

describe('a nudge', () => {
  it('wakes everybody who sleeps', async () => {
    const nudge = new Nudge();
    const sleepers = [nudge.sleep(nudge.count, LONG, never), nudge.sleep(nudge.count, LONG, never)];
    nudge.wake();
    expect(await Promise.all(sleepers)).toHaveLength(2);
  });

  it('lets nobody sleep over a wake that came between looking and lying down', async () => {
    const nudge = new Nudge();
    const seen = nudge.count;
    nudge.wake();
    await expect(nudge.sleep(seen, LONG, never)).resolves.toBeUndefined();
  });

  it('wakes by itself in time', async () => {
    const nudge = new Nudge();
    await expect(nudge.sleep(nudge.count, 1, never)).resolves.toBeUndefined();
  });

  it('wakes whoever is told to stop, and leaves no listener behind', async () => {
    const nudge = new Nudge();
    const stop = new AbortController();
    const removed = jest.spyOn(stop.signal, 'removeEventListener');
    const sleeping = nudge.sleep(nudge.count, LONG, stop.signal);
    stop.abort();
    await expect(sleeping).resolves.toBeUndefined();
    expect(removed).toHaveBeenCalledTimes(1);
    await expect(nudge.sleep(nudge.count, LONG, stop.signal)).resolves.toBeUndefined();
  });
});
