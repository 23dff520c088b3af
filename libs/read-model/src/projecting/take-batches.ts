import { EVERY_PARTITION, type SealedBatch, type SealedStoredEvent } from '#libs/bus';
import type { Catalogue } from '#libs/contracts';
import type { Database } from '#libs/database';
import { applyStretch, type ProjectingPlace } from './apply-stretch.js';
import type { SealedLogAtHand } from './catch-up.js';
import { type Patience, patiently } from './patience.js';
import type { Reached } from './places.js';
import type { Projection } from './projection.js';
import { SealWatch, sealedAs } from './sealed-as.js';
import { type EventReader, sightEvents } from './sighted-events.js';
import type { StreamRevisions } from './stream-revisions.js';
import { partsOf, type Stretch } from './stretch.js';
import { cutBefore, firstNotUnderstood, type Stop, type Takeable, wholeOf } from './understanding.js';

/** Events taken in one transaction, so that it stays well under 100 ms, also on the embedded database. */
export const PROJECTION_BATCH = 250;

/**
 * Position at which the planner's statistics are first refreshed; then at every fourfold. Fresh tables have none, and without them every
 * batch would scan what it should look up. Nobody else refreshes them on the embedded database.
 */
const FIRST_ANALYZE = 2_000;

/** What was committed together. */
export interface Taken {
  /** All events that came, in the order of the log. */
  readonly events: readonly SealedStoredEvent[];
  /** How many of them every projection had seen before. */
  readonly duplicates: number;
}

/** What taking needs. */
export interface Taking extends ProjectingPlace {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly reader: EventReader;
  readonly catalogue: Pick<Catalogue, 'entry'>;
  readonly projections: readonly Projection[];
  readonly revisions: StreamRevisions;
  /** Given where batches come by a carrier: then they are held against the sealed log of the database. */
  readonly sealedLog?: Pick<SealedLogAtHand, 'patienceMs'> | undefined;
  /** By partition, up to where the reader has everything; moves on with what is taken. */
  readonly after: Map<number, number>;
  readonly onTaken?: ((taken: Taken) => void) | undefined;
  readonly traced?: Traced | undefined;
}

/** Runs work on events as part of the traces that they belong to. */
export type Traced = <T>(events: readonly SealedStoredEvent[], work: () => Promise<T>) => Promise<T>;

/**
 * Takes batches of different partitions in, as far as they are understood and without a loss before them, in transactions of at most 250
 * events. What a carrier brings is first held against the sealed log.
 * @param patience with it, trouble is waited out; without, it is thrown
 * @returns why some were not taken as a whole
 */
export async function takeBatches(
  taking: Taking,
  batches: readonly SealedBatch[],
  patience?: Patience,
): Promise<ReadonlyMap<SealedBatch, Stop>> {
  const trying = <T>(work: () => Promise<T>) => (patience ? patiently(work, patience) : work());
  const { traced = (_events, work) => work() } = taking;
  const seal = new SealWatch(taking.sealedLog?.patienceMs);
  const takeable = await trying(() => allTakeable(taking, batches, seal));
  const parts = partsOf(together([...takeable.values()], taking.after), PROJECTION_BATCH);
  for (const part of parts) {
    if (part.reached.length === 0) continue;
    await trying(() => traced(part.events, () => takePart(taking, part)));
    for (const { partition, position } of part.reached) moveOn(taking.after, partition, position);
  }
  const stopped = [...takeable].filter(([, { stop }]) => stop !== null);
  return new Map(stopped.map(([batch, { stop }]) => [batch, stop as Stop]));
}

async function allTakeable(
  taking: Taking,
  batches: readonly SealedBatch[],
  seal: SealWatch,
): Promise<ReadonlyMap<SealedBatch, Takeable>> {
  const { database, sealedLog, after } = taking;
  const sealed = sealedLog && (await seal.watch(() => sealedAs(database, batches, after)));
  const all = new Map<SealedBatch, Takeable>();
  for (const batch of batches) all.set(batch, await takeableOf(taking, sealed?.get(batch) ?? batch));
  return all;
}

async function takeableOf({ catalogue, projections, revisions }: Taking, batch: SealedBatch): Promise<Takeable> {
  const strange = firstNotUnderstood(catalogue, projections, batch.events);
  const loss = await revisions.firstLoss(batch);
  if (loss && (!strange || loss.position < strange.position))
    return cutBefore(batch, loss.position, { reason: 'sealed-log-broken', message: loss.error.message });
  return strange ? cutBefore(batch, strange.position, strange) : wholeOf(batch);
}

function together(takeable: readonly Takeable[], after: ReadonlyMap<number, number>): Stretch<SealedStoredEvent> {
  const events = takeable.flatMap((one) => one.events).sort((a, b) => a.position - b.position);
  const reached = new Map<number, Reached>();
  for (const one of takeable.flatMap((each) => each.reached)) {
    const before = reached.get(one.partition);
    if (!before || before.position <= one.position) reached.set(one.partition, one);
  }
  const from = [...reached.keys()].flatMap((partition) => {
    const position = after.get(partition);
    return position === undefined ? [] : ([[partition, position]] as const);
  });
  return { events, reached: [...reached.values()].sort((a, b) => a.partition - b.partition), after: new Map(from) };
}

async function takePart(taking: Taking, { events, reached, after }: Stretch<SealedStoredEvent>): Promise<void> {
  const { projections, reader, revisions, onTaken } = taking;
  const sighted = await sightEvents(reader, projections, events);
  const duplicates = await applyStretch(taking, projections, { events: sighted, reached, after });
  if (reached[0]?.partition !== EVERY_PARTITION) revisions.remember(events);
  if (events.length > 0) onTaken?.({ events, duplicates });
  await analyzeAt(taking, (events[0]?.position ?? Number.POSITIVE_INFINITY) - 1, events.at(-1)?.position ?? -1);
}

async function analyzeAt({ database, projections }: Taking, before: number, through: number): Promise<void> {
  if (!crossesAnalyze(before, through)) return;
  for (const table of projections.flatMap(({ tables }) => tables)) await database.query(`analyze ${table.name}`);
}

function crossesAnalyze(before: number, through: number): boolean {
  for (let at = FIRST_ANALYZE; at <= through; at *= 4) if (before < at) return true;
  return false;
}

/** Where nobody said where the reader began, nothing can be said of where it stands. */
function moveOn(after: Map<number, number>, partition: number, position: number): void {
  const before = after.get(partition);
  if (before !== undefined) after.set(partition, Math.max(before, position));
}
