import type { PoolClient } from 'pg';
import type { Catalogue } from '#libs/contracts';
import type { EventStore } from '#libs/event-store';
import { isRefusedData, project } from '../projecting/apply-stretch.js';
import { type ParkedEvent, park, streamOf } from '../projecting/parked-streams.js';
import type { Projection } from '../projecting/projection.js';
import { type EventReader, readsType, type SightedEvent, sightEvents } from '../projecting/sighted-events.js';
import { firstNotUnderstood } from '../projecting/understanding.js';
import { foldInBulk } from './bulk-fold.js';
import { type Reach, reaches } from './live-reach.js';
import { categoriesOf, type LogPart, readLogStretch } from './log-reader.js';
import { RebuildTooOldError } from './rebuilding.errors.js';
import { shadowParkedStreams } from './shadow-parked.js';
import { type ShadowPlace, type ShadowProgress, saveProgress } from './shadow-progress.js';
import { analyze, twinOf } from './twin.js';

/** Events read and written together: as many as keep the transaction well under 100 ms on the embedded database. */
const FEED_BATCH = { postgres: 2_000, embedded: 250 };

/** Fewer events than this are not worth a COPY. */
const BULK_MIN = 20;

/** Position at which the planner's statistics are first refreshed, then at every fourfold: without them every batch would scan. */
const FIRST_ANALYZE = 2_000;

/** What feeding needs. */
export interface Feeding extends ShadowPlace {
  readonly store: Pick<EventStore, 'readLog'>;
  readonly reader: EventReader;
  readonly catalogue: Pick<Catalogue, 'entry'>;
}

/**
 * Folds events straight from the store into the tables beside the live ones, until they hold exactly what the live ones hold. While one
 * batch is written the next is read. Every transaction moves the progress on, so that whoever comes after an interruption goes on here.
 * @throws {RebuildTooOldError} before an event that this software does not understand
 * @throws {SealedLogBrokenError} when the log ends before the live tables do: it was replaced by an older one
 */
export async function feedShadow(
  place: Feeding,
  from: ShadowProgress,
  target: Reach,
  watch: { readonly signal: AbortSignal; readonly onProgress: (position: number) => void },
): Promise<ShadowProgress> {
  const feeder = new Feeder(place, from, target, await shadowParkedStreams(place.database, place.projection));
  const limit = FEED_BATCH[place.database.kind];
  const categories = categoriesOf(place.catalogue, place.projection);
  const stretch = { after: from.position, through: target.furthest, limit, categories };
  if (stretch.through <= stretch.after) return from;
  for await (const part of readLogStretch(place, stretch)) {
    watch.signal.throwIfAborted();
    await feeder.take(part);
    watch.onProgress(feeder.progress.position);
  }
  return feeder.progress;
}

/** Writes batches one after the other. */
class Feeder {
  readonly #twin: Projection;

  constructor(
    private readonly place: Feeding,
    public progress: ShadowProgress,
    private readonly target: Reach,
    /** Streams that are parked in the shadow. */
    private waiting: ReadonlySet<string>,
  ) {
    this.#twin = twinOf(place.projection);
  }

  async take({ events, through }: LogPart): Promise<void> {
    const { projection, catalogue, reader, database } = this.place;
    const within = events.filter((event) => reaches(this.target, event));
    const stop = firstNotUnderstood(catalogue, [projection], within);
    if (stop) throw new RebuildTooOldError(projection.name, stop.type, stop.position);
    const due = within.filter(({ type }) => readsType(projection, type));
    const before = this.progress.position;
    const progress = {
      ...this.progress,
      position: Math.max(before, Math.min(through, this.target.whole.position)),
    };
    await this.#write(await sightEvents(reader, [projection], due), progress);
    if (crossesAnalyze(before, progress.position))
      for (const table of this.#twin.tables) await analyze(database, table);
  }

  async #write(events: readonly SightedEvent[], progress: ShadowProgress): Promise<void> {
    if (await this.#writeInBulk(events, progress)) return;
    try {
      await this.#commit(progress, async (client, waiting) => project(client, this.#twin, events, waiting));
    } catch (error) {
      if (!isRefusedData(error) || events.length === 0) throw error;
      await this.#writeNarrower(events, progress);
    }
  }

  /** False when something is unusual about these events; nothing was written then. */
  async #writeInBulk(events: readonly SightedEvent[], progress: ShadowProgress): Promise<boolean> {
    if (this.place.database.kind === 'embedded' || this.waiting.size > 0 || events.length < BULK_MIN) return false;
    let folded = false;
    try {
      await this.#commit(progress, async (client) => {
        await foldInBulk(client, this.#twin, events);
        folded = true;
        return [];
      });
      return true;
    } catch (error) {
      if (folded) throw error;
      return false;
    }
  }

  /** Halves until the event that PostgreSQL refuses stands alone; then parks it. */
  async #writeNarrower(events: readonly SightedEvent[], progress: ShadowProgress): Promise<void> {
    const [first] = events as [SightedEvent];
    if (events.length === 1) {
      const refused = { projection: this.place.projection, event: first.stored, problem: 'RefusedByDatabase' };
      await this.#commit(progress, async (_client, waiting) => {
        waiting.add(streamOf(this.place.projection, first.stored.stream));
        return [refused];
      });
      return;
    }
    const half = Math.ceil(events.length / 2);
    await this.#write(events.slice(0, half), this.progress);
    await this.#write(events.slice(half), progress);
  }

  async #commit(
    progress: ShadowProgress,
    work: (client: PoolClient, waiting: Set<string>) => Promise<ParkedEvent[]>,
  ): Promise<void> {
    const { database, lease, projection } = this.place;
    const waiting = new Set(this.waiting);
    // rows and progress survive a crash together or are lost together, and the switch is durable: nothing has to wait for the disk
    await database.transaction(async (client) => {
      await lease.guard(client);
      if (database.kind === 'postgres') await client.query('set local synchronous_commit to off');
      await park(client, await work(client, waiting), 'read_model_shadow');
      await saveProgress(client, projection, progress);
    });
    this.waiting = waiting;
    this.progress = progress;
  }
}

function crossesAnalyze(before: number, after: number): boolean {
  for (let at = FIRST_ANALYZE; at <= after; at *= 4) if (before < at) return true;
  return false;
}
