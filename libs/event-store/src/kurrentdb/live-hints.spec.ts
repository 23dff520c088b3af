import { Readable } from 'node:stream';
import { Nudge } from '../nudge.js';
import type { Connection } from './connection.js';
import { LiveHints } from './live-hints.js';

/** What no server under test does of itself: a proxy in between ends subscriptions as if all were well. */

const WATCHED_MS = 500;
/** Pauses of 50, 100, 200 and 400 ms fit into that time. */
const MOST = 5;

describe('a subscription that the server ends without an error', () => {
  it('is made anew with growing pauses, and said to be trouble', async () => {
    let made = 0;
    const client = {
      subscribeToAll: () => {
        made += 1;
        return Object.assign(Readable.from([]), { unsubscribe: async () => {} });
      },
    };
    const connection = { client: async () => client } as unknown as Connection;
    const closing = new AbortController();
    const troubles: unknown[] = [];
    const onTrouble = (error: unknown) => troubles.push(error);
    const hints = new LiveHints({ connection, quietMs: 10_000, onTrouble }, closing.signal);
    hints.listen(new Nudge(), undefined);
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    closing.abort();
    await hints.ended();
    expect(made).toBeGreaterThan(1);
    expect(made).toBeLessThanOrEqual(MOST);
    expect(troubles.length).toBeGreaterThanOrEqual(made - 1);
  });
});
