import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKurrentDbStandInProcess } from '#libs/testing';
import { eventsFor } from '../contract/contract-events.js';
import { everythingIn } from '../contract/log-readers.js';
import { AppendUnavailableError, EventStoreBusyError } from '../event-store.errors.js';
import { BEFORE_FIRST, type EventStore } from '../event-store.port.js';
import { kurrentDbEventStore } from './kurrentdb-event-store.js';

const KILLS = 3;
const WRITERS = 6;
const APPENDS_BETWEEN_KILLS = 30;

/** Appends one event after the other to a stream of its own and repeats with the same id whatever was not acknowledged. */
async function write(
  store: EventStore,
  writer: number,
  until: AbortSignal,
  acknowledge: (id: string) => void,
): Promise<void> {
  for (let revision = 0; !until.aborted; ) {
    const [event] = eventsFor(`${writer}/${revision}`, 1);
    try {
      await store.append(`account-acme+${writer}`, revision - 1, [event]);
      acknowledge(event.id);
      revision += 1;
    } catch (error) {
      if (!(error instanceof AppendUnavailableError || error instanceof EventStoreBusyError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

it('what was acknowledged before the server was killed is in its log, once and without a gap; followers see it all', async () => {
  const folder = fs.mkdtempSync(join(tmpdir(), 'gb-kurrent-'));
  const file = join(folder, 'log');
  let server = await startKurrentDbStandInProcess({ file });
  const store = kurrentDbEventStore({ url: server.url, timeouts: { callMs: 1_000 } });
  cleanUps.push(
    async () => fs.rmSync(folder, { recursive: true }),
    () => server.kill(),
    () => store.close(),
  );
  const [stopWriting, stopFollowing] = [new AbortController(), new AbortController()];
  const acknowledged = new Set<string>();
  const writing = Promise.all(
    Array.from({ length: WRITERS }, (_, writer) =>
      write(store, writer, stopWriting.signal, (id) => acknowledged.add(id)),
    ),
  );
  const followed: string[] = [];
  const following = (async () => {
    for await (const { events } of store.follow({ after: BEFORE_FIRST }, stopFollowing.signal))
      followed.push(...events.map(({ id }) => id));
  })();

  const waitFor = async (holds: () => boolean) => {
    while (!holds()) await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 10))]);
  };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = acknowledged.size;
    await waitFor(() => acknowledged.size >= before + APPENDS_BETWEEN_KILLS);
    await server.kill();
    server = await startKurrentDbStandInProcess({ file, port: server.port });
  }
  stopWriting.abort();
  await writing;

  const events = await everythingIn(store, { after: BEFORE_FIRST });
  const ids = events.map(({ id }) => id);
  await waitFor(() => followed.length >= ids.length);
  stopFollowing.abort();
  await following;

  expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS * APPENDS_BETWEEN_KILLS);
  expect(ids.filter((id) => acknowledged.has(id))).toHaveLength(acknowledged.size);
  expect(new Set(ids).size).toBe(ids.length);
  expect(followed).toEqual(ids);
  for (const stream of new Set(events.map((event) => event.stream))) {
    const revisions = events.filter((event) => event.stream === stream).map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.map((_, index) => index));
  }
}, 120_000);
