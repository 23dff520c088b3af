/** What is due is settled, and nothing that fails keeps others from their turn. Real time stands still. */
import { Logger } from '@nestjs/common';
import type { Leases } from '#libs/database';
import { DueWork } from './due-work.js';

jest.useFakeTimers();
const said = jest.spyOn(Logger.prototype, 'error').mockReturnValue();

const signal = new AbortController().signal;
const NEVER_HELD = {} as Leases;
const REST_MS = 30_000;

/** Work on things that stay due until they are settled; those of which it is said fail. */
function workOn(due: readonly string[], { failing = [] as readonly string[], perLook = 3, atOnce = 2 } = {}) {
  const waiting = new Set(due);
  const fails = new Set(failing);
  const tried: string[] = [];
  let [underWay, mostAtOnce] = [0, 0];
  const work = new DueWork({
    role: 'test',
    leases: NEVER_HELD,
    everyMs: 1_000,
    perLook,
    atOnce,
    find: async (limit) => [...waiting].slice(0, limit).map((id) => ({ tenant: 'acme', id, due: 'end' })),
    idOf: ({ id }) => id,
    settle: async ({ id }) => {
      tried.push(id);
      underWay += 1;
      mostAtOnce = Math.max(mostAtOnce, underWay);
      await Promise.resolve();
      underWay -= 1;
      if (fails.has(id)) throw new Error('not now');
      waiting.delete(id);
    },
  });
  const looked = async () => {
    tried.length = 0;
    await work.look(signal);
    return [...tried];
  };
  return { work, waiting, fails, looked, atOnceAtMost: () => mostAtOnce };
}

describe('what is due', () => {
  it('is settled a few at a time, the rest with the next look', async () => {
    const { looked, atOnceAtMost, waiting } = workOn(['a', 'b', 'c', 'd']);
    expect(await looked()).toEqual(['a', 'b', 'c']);
    expect(await looked()).toEqual(['d']);
    expect([atOnceAtMost(), waiting.size]).toEqual([2, 0]);
  });

  it('waits where the process is about to end', async () => {
    const { work, waiting } = workOn(['a']);
    await work.look(AbortSignal.abort());
    expect([...waiting]).toEqual(['a']);
  });
});

describe('what cannot be settled', () => {
  it('holds nobody up, however much of it there is, and is tried again after a while', async () => {
    const { looked, fails } = workOn(['a', 'b', 'c', 'd', 'e'], { failing: ['a', 'b', 'c'] });
    expect(await looked()).toEqual(['a', 'b', 'c']);
    const logged = expect.objectContaining({ tenant: 'acme', id: 'a', due: 'end' });
    expect(said).toHaveBeenCalledWith(logged, 'could not be settled and will be tried again');
    expect(await looked()).toEqual(['d', 'e']);
    expect(await looked()).toEqual([]);
    jest.advanceTimersByTime(REST_MS);
    fails.clear();
    expect(await looked()).toEqual(['a', 'b', 'c']);
    expect(await looked()).toEqual([]);
  });
});
