/** One stream that cannot be followed holds up nobody but itself, and loses nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SealedStoredEvent } from '#libs/bus';
import type { SealedEvent } from '#libs/kernel';
import { FollowedStreams } from './followed-streams.js';

const at = (stream: string, position: number) => ({ stream, position, type: 'Happened' }) as SealedStoredEvent;
const PARTITION = 0;

/** Follows what is not named as unreadable (while decoding) or failing (while handling); both can be mended. */
function following() {
  const followed: number[] = [];
  const unreadable = new Set<number>();
  const failing = new Set<number>();
  const slow = new Map<number, Promise<void>>();
  const failures: number[] = [];
  const ended = new AbortController();
  const streams = new FollowedStreams(
    {
      async decode(events) {
        if (events.some(({ position }) => unreadable.has(position))) throw new Error('unknown type');
        return events as unknown as SealedEvent[];
      },
      async handle({ position }) {
        if (failing.has(position)) throw new Error('not now');
        await slow.get(position);
        followed.push(position);
      },
      onFailure: (_error, { position }) => failures.push(position),
      retryMs: 1,
      slowMs: 10,
    },
    ended.signal,
  );
  return { streams, followed, slow, unreadable, failing, failures, ended };
}

async function until(ask: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 5_000; !ask(); await delay(2))
    if (performance.now() > deadline) throw new Error('What was waited for has not come about.');
}

describe('a stream that cannot be followed', () => {
  it.each(['unreadable', 'failing'] as const)('is put aside when it is %s: the others go on', async (how) => {
    const { streams, followed, failures, ended, ...broken } = following();
    broken[how].add(1);
    await streams.take(PARTITION, [at('a', 0), at('bad', 1), at('bad', 2), at('c', 3)]);
    await streams.take(PARTITION, [at('bad', 4), at('a', 5)]);
    expect(followed).toEqual([0, 3, 5]);
    expect(failures.every((position) => position === 1)).toBe(true);
    expect([streams.isFailing, streams.waitsIn(PARTITION), streams.waitsIn(7)]).toEqual([true, true, false]);
    ended.abort();
    await streams.end();
  });

  it('is made up for in its order once it can be', async () => {
    const { streams, followed, unreadable } = following();
    unreadable.add(1);
    await streams.take(PARTITION, [at('bad', 1), at('bad', 2)]);
    await streams.take(PARTITION, [at('bad', 4), at('a', 5)]);
    unreadable.clear();
    await until(() => !streams.waitsIn(PARTITION));
    expect(followed).toEqual([5, 1, 2, 4]);
    expect(streams.isFailing).toBe(false);
    await streams.end();
  });

  it('is put aside when it takes long, and followed once', async () => {
    const { streams, followed, slow } = following();
    const { promise, resolve } = Promise.withResolvers<void>();
    slow.set(1, promise);
    await streams.take(PARTITION, [at('slow', 1), at('slow', 2), at('a', 3)]);
    expect([followed, streams.waitsIn(PARTITION), streams.isFailing]).toEqual([[3], true, false]);
    resolve();
    await until(() => !streams.waitsIn(PARTITION));
    expect(followed).toEqual([3, 1, 2]);
    await streams.end();
  });

  it('is not followed any further when reading ends', async () => {
    const { streams, followed, failing } = following();
    failing.add(1);
    await streams.take(PARTITION, [at('bad', 1)]);
    await streams.end();
    failing.clear();
    await delay(20);
    expect(followed).toEqual([]);
  });
});
