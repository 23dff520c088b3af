/** What other servers publish: loaded once, renewed in time, and never asked for more often than is decent. */
import { RemoteCache } from './remote-cache.js';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1000);
const cache = () => new RemoteCache<{ n: number }>({ ttlMs: 300_000, forcedEveryMs: 60_000, entriesMax: 2 });

function counting(fail: () => boolean = () => false) {
  const counter = { loads: 0, load: async () => ({ n: 0 }) };
  counter.load = async () => {
    counter.loads += 1;
    if (fail()) throw new Error('away');
    return { n: counter.loads };
  };
  return counter;
}

describe('a remote value', () => {
  it('is loaded once for all who ask within its time', async () => {
    const values = cache();
    const source = counting();
    await Promise.all([values.get('a', at(0), source.load), values.get('a', at(0), source.load)]);
    await values.get('a', at(299), source.load);
    expect(source.loads).toBe(1);
    expect(await values.get('a', at(300), source.load)).toEqual({ n: 2 });
  });

  it('that was missing something is loaded again, once a minute', async () => {
    const values = cache();
    const source = counting();
    const first = await values.get('a', at(0), source.load);
    const second = await values.fresher('a', first, at(1), source.load);
    expect(second).toEqual({ n: 2 });
    expect(await values.fresher('a', first, at(2), source.load)).toBe(second);
    expect(await values.fresher('a', { n: 2 }, at(3), source.load)).toBe(second);
    expect(second && (await values.fresher('a', second, at(4), source.load))).toBeUndefined();
    expect(second && (await values.fresher('a', second, at(61), source.load))).toEqual({ n: 3 });
  });

  it('that could not be loaded is asked for again by the next', async () => {
    const values = cache();
    let away = true;
    const source = counting(() => away);
    await expect(values.get('a', at(0), source.load)).rejects.toThrow('away');
    away = false;
    await expect(values.get('a', at(0), source.load)).resolves.toEqual({ n: 2 });
  });

  it('stays in use when it could not be renewed on demand, and the attempt counts', async () => {
    const values = cache();
    let away = false;
    const source = counting(() => away);
    const first = await values.get('a', at(0), source.load);
    away = true;
    await expect(values.fresher('a', first, at(1), source.load)).rejects.toThrow('away');
    expect(await values.get('a', at(2), source.load)).toBe(first);
    expect(await values.fresher('a', first, at(3), source.load)).toBeUndefined();
    expect(source.loads).toBe(2);
  });

  it('is forgotten when there are too many', async () => {
    const values = cache();
    const source = counting();
    for (const key of ['a', 'b', 'c', 'a']) await values.get(key, at(0), source.load);
    expect(source.loads).toBe(4);
  });
});
