import { setTimeout as delay } from 'node:timers/promises';
import { type KafkaPublisher, keepPublishing, publishedThrough, type SealedEvents, sealedLogEvents } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { keepSealing, lastSealedRow, sealPending } from '#libs/ledger';
import { PROJECTIONS, ProjectionRunner, type Stop } from '#libs/read-model';
import { type Node, soundNode, startNode, type Ways } from './node.js';
import type { World } from './world.js';

/** Pause between two looks at how far something has come, milliseconds. */
const LOOK_EVERY_MS = 5;

/** Longest time for one piece of work, milliseconds: what fails is tried again after a few hundred. */
const WORK_MS = 20_000;

const FREE = { guard: async () => {} };

/** Where the pipeline takes its events from, and where it brings them. */
export interface Line extends Ways {
  /** Makes the carrier fail. */
  readonly carrier: (carrier: SealedEvents) => SealedEvents;
  readonly publisher: KafkaPublisher;
  /** Looked at again and again while work is under way. */
  readonly watch: () => void;
}

/** Work on a line, to the end of what there is. @returns why it stopped for good, if it did */
export type Work = (world: World, line: Line) => Promise<Stop | null>;

/** A line on which nothing fails. */
export function soundLine({ engine, topic }: World): Line {
  return {
    database: engine.database,
    store: engine.store,
    carrier: (carrier) => carrier,
    publisher: topic,
    watch: () => undefined,
  };
}

/** Seals everything, publishes it, takes it into the read model, and lets those who follow the store read it. */
export async function drain(world: World): Promise<Stop | null> {
  const line = soundLine(world);
  await readOn(soundNode(world));
  await seal(world, line);
  await publish(world, line);
  return project(world, line);
}

/** Seals batch by batch, to the end. */
export async function seal({ clock, lease }: World, { database, store }: Line): Promise<null> {
  for (let count = 1; count > 0; ) ({ count } = await sealPending({ database, store, clock, lease }));
  return null;
}

/** Seals as it follows the store, until everything is sealed. */
export async function sealLive(world: World, { database, store, watch }: Line): Promise<null> {
  const { engine, clock, lease } = world;
  const head = await engine.store.head();
  const isSealed = async () => ((await lastSealedRow(engine.database))?.storePosition ?? -1) >= head;
  await until(isSealed, watch, async (signal) => {
    for await (const _sealed of keepSealing({ database, store, clock, lease }, signal));
  });
  return null;
}

/** Publishes from where the topic stands, until everything that is sealed is on it. */
export async function publish(world: World, { database, store, carrier, publisher, watch }: Line): Promise<null> {
  const { engine, lease } = world;
  const head = await sealedHead(world);
  const isPublished = async () => (await publishedThrough(engine.database, publisher.topic)) >= head;
  const source = carrier(sealedLogEvents({ database, store }));
  await until(isPublished, watch, (signal) => keepPublishing({ source, publisher, database, lease }, signal));
  return null;
}

/** Projects until the read model has everything that is sealed. @returns why it stopped before, if it did */
export async function project(world: World, line: Line): Promise<Stop | null> {
  const { engine, lease } = world;
  const { database, store, watch } = line;
  const head = await sealedHead(world);
  const runner = new ProjectionRunner({
    database,
    store,
    reader: engine.codec,
    catalogue,
    projections: PROJECTIONS,
    ...sourcesOf(world, line),
  });
  const sound = new ProjectionRunner({ ...engine, reader: engine.codec, catalogue, projections: PROJECTIONS });
  let stop: Stop | null = null;
  let seen = '';
  const isProjected = async () => {
    const moved = await sumOfCheckpoints(world);
    if (moved === seen) return false;
    seen = moved;
    return (await sound.status()).position >= head;
  };
  await until(isProjected, watch, async (signal) => {
    stop = await runner.run(lease, signal);
  });
  return stop;
}

function sourcesOf(world: World, { database, store, carrier }: Line) {
  const events = sealedLogEvents({ database, store });
  const sealedEvents = carrier(events);
  if (!sealedEvents.shared) return { sealedEvents };
  const exclusively = (work: (lease: typeof FREE, signal: AbortSignal) => Promise<void>, signal: AbortSignal) =>
    work(FREE, signal);
  return { sealedEvents, sealedLog: { events, head: () => sealedHead(world), exclusively } };
}

/** Brings identity keys and access epochs up to what the store holds. */
export async function follow(world: World, ways: Ways): Promise<null> {
  await readOn(startNode(world, ways));
  return null;
}

/** Lets a node read what is new in the store. */
export async function readOn({ identityKeysFollower, accessEpochsFollower }: Node): Promise<void> {
  await identityKeysFollower.catchUp();
  await accessEpochsFollower.catchUp();
}

/** Is another one whenever a projection has gone on: to add the checkpoints up is quicker than to read them, a look every few milliseconds. */
async function sumOfCheckpoints({ engine }: World): Promise<string> {
  const { rows } = await engine.database.query<{ sum: string }>({
    name: 'faults.sum-of-checkpoints',
    text: `select concat_ws(' ', count(*), sum(position), sum(store_position)) as sum from read_model.checkpoints`,
  });
  return rows[0]?.sum ?? '';
}

const sealedHead = async ({ engine }: World) => (await lastSealedRow(engine.database))?.position ?? -1;

/** Works until something has come about, or the work ends by itself. @throws what the work throws before */
async function until(
  holds: () => Promise<boolean>,
  watch: () => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const end = new AbortController();
  const deadline = performance.now() + WORK_MS;
  const looking = (async () => {
    while (!end.signal.aborted && !(await holds())) {
      watch();
      if (performance.now() > deadline) throw new Error('The work has not come to its end in time.');
      await delay(LOOK_EVERY_MS);
    }
  })().finally(() => end.abort());
  try {
    await work(end.signal);
  } finally {
    end.abort();
    await looking;
  }
}
