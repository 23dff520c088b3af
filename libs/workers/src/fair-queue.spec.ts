import { FairQueue } from './fair-queue.js';

const ANY = { large: true };
const SMALL = { large: false };
const all = (queue: FairQueue<string>, may = ANY) => {
  const taken: string[] = [];
  for (let next = queue.take(may); next; next = queue.take(may)) taken.push(next.item);
  return taken;
};

describe('a fair queue', () => {
  it('lets sources take turns, however many jobs each has', () => {
    const queue = new FairQueue<string>();
    for (const n of [1, 2, 3, 4]) queue.push(`mallory ${n}`, { source: 'mallory' });
    queue.push('ada 1', { source: 'ada' });
    queue.push('bo 1', { source: 'bo' });
    queue.push('ada 2', { source: 'ada' });

    expect(all(queue)).toEqual(['mallory 1', 'ada 1', 'bo 1', 'mallory 2', 'ada 2', 'mallory 3', 'mallory 4']);
    expect(queue.length).toBe(0);
  });

  it('serves those who come without a name in the order in which they come', () => {
    const queue = new FairQueue<string>();
    for (const item of ['one', 'two', 'three']) queue.push(item, {});
    expect(all(queue)).toEqual(['one', 'two', 'three']);
  });

  it('lets small jobs pass a large one that may not run yet, and keeps it', () => {
    const queue = new FairQueue<string>();
    queue.push('large', { source: 'mallory', large: true });
    queue.push('small', { source: 'mallory' });
    queue.push('ada', { source: 'ada' });

    expect(all(queue, SMALL)).toEqual(['small', 'ada']);
    expect([queue.length, queue.lengthOf('mallory'), queue.lengthOf('ada')]).toEqual([1, 1, 0]);
    expect(queue.take(ANY)).toEqual({ item: 'large', large: true });
  });

  it('gives up everything at once', () => {
    const queue = new FairQueue<string>();
    queue.push('a', { source: 'x' });
    queue.push('b', { source: 'y' });
    expect([queue.drain(), queue.length, queue.take(ANY)]).toEqual([['a', 'b'], 0, undefined]);
  });
});
