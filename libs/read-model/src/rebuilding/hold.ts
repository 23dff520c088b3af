import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '#libs/database';
import type { Projection } from '../projecting/projection.js';

/** How long a hold lasts when nobody renews it, milliseconds: as long as the read model stands still if this process dies. */
const HOLD_MS = 5_000;

/** How often a hold is renewed, milliseconds. */
const RENEW_MS = 1_000;

/** Makes the live runner wait with one projection while `work` runs; everything else goes on. */
export async function whileHeld<T>(database: Queryable, projection: Projection, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  await hold(database, projection);
  const renewal = keepHolding(database, projection, ended.signal);
  try {
    return await work();
  } finally {
    ended.abort();
    await renewal;
    await release(database, projection);
  }
}

async function hold(database: Queryable, { name }: Projection): Promise<void> {
  await database.query({
    name: 'read_model.hold',
    text: `insert into read_model.holds (projection, until) values ($1, clock_timestamp() + $2 * interval '1 ms')
           on conflict (projection) do update set until = excluded.until`,
    values: [name, HOLD_MS],
  });
}

/** A hold that cannot be renewed runs out, and what relied on it finds the live tables moved on and says so. */
async function keepHolding(database: Queryable, projection: Projection, ended: AbortSignal): Promise<void> {
  for (;;) {
    await delay(RENEW_MS, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    await hold(database, projection).catch(() => undefined);
  }
}

async function release(database: Queryable, { name }: Projection): Promise<void> {
  await database.query('delete from read_model.holds where projection = $1', [name]);
}
