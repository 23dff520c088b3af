import { setTimeout as delay } from 'node:timers/promises';
import { type SealedBatch, type SealedEvents, SealedLogBrokenError, type SealedStoredEvent } from '#libs/bus';
import type { Catalogue } from '#libs/contracts';
import { type Database, type Lease, LeaseLostError } from '#libs/database';
import { applyStretch } from './apply-stretch.js';
import { type Checkpoint, lowest, readCheckpoints } from './checkpoints.js';
import { countParkedStreams } from './parked-streams.js';
import type { Projection } from './projection.js';
import { type Replaying, replayParked } from './replay-parked.js';
import { type EventReader, sightEvents } from './sighted-events.js';
import { firstNotUnderstood } from './understanding.js';

/** Events taken in one transaction, so that it stays well under 100 ms, also on the embedded database. */
export const PROJECTION_BATCH = 250;

/** Pause after trouble, milliseconds. */
const RETRY_MS = { shortest: 100, longest: 5_000 };

/**
 * Position at which the planner's statistics are first refreshed; then at every fourfold. Fresh tables have none, and without them every
 * batch would scan what it should look up. Nobody else refreshes them on the embedded database.
 */
const FIRST_ANALYZE = 2_000;

/** What a runner needs. */
export interface ProjectionRunnerOptions {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly sealedEvents: SealedEvents;
  readonly store: Replaying['store'];
  readonly reader: EventReader;
  readonly catalogue: Pick<Catalogue, 'entry'>;
  readonly projections: readonly Projection[];
  /** Told of everything that makes the runner pause and try again. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Why a runner came to an end without being asked to. It will not go on before someone has acted. */
export type Stop =
  | { readonly reason: 'unknown-type' | 'newer-schema-version'; readonly position: number; readonly type: string }
  | { readonly reason: 'sealed-log-broken'; readonly message: string };

/** How a runner is doing. */
export interface RunnerStatus extends Checkpoint {
  /** Streams that wait, over all projections. */
  readonly parkedStreams: number;
  /** Null while it runs, or has not begun. */
  readonly stopped: Stop | null;
}

/** Keeps projections up with the sealed log. */
export class ProjectionRunner {
  #stopped: Stop | null = null;
  /** Failures since a batch was last taken in. */
  #failures = 0;

  constructor(private readonly options: ProjectionRunnerOptions) {}

  /**
   * Projects until the signal is aborted. Waits out trouble with the database or the log's carrier. First tries again what is parked.
   * @returns null when aborted; else why it stopped before an event: newer software, or an operator, is needed
   * @throws {LeaseLostError} when another process projects now
   */
  async run(lease: Pick<Lease, 'guard'>, signal: AbortSignal): Promise<Stop | null> {
    this.#stopped = null;
    this.#failures = 0;
    while (!signal.aborted) {
      try {
        await replayParked({ ...this.options, lease }, this.options.projections);
        this.#stopped = await this.#follow(lease, signal);
        return this.#stopped;
      } catch (error) {
        if (signal.aborted) return null;
        if (error instanceof LeaseLostError) throw error;
        if (error instanceof SealedLogBrokenError) {
          this.#stopped = { reason: 'sealed-log-broken', message: error.message };
          return this.#stopped;
        }
        this.options.onTrouble?.(error);
        const wait = Math.min(RETRY_MS.longest, RETRY_MS.shortest * 2 ** this.#failures);
        this.#failures += 1;
        await delay(wait, undefined, { signal }).catch(() => undefined);
      }
    }
    return null;
  }

  async status(): Promise<RunnerStatus> {
    const { database, projections } = this.options;
    const checkpoints = await readCheckpoints(database, projections);
    return {
      ...lowest(checkpoints.values()),
      parkedStreams: await countParkedStreams(database),
      stopped: this.#stopped,
    };
  }

  async #follow(lease: Pick<Lease, 'guard'>, signal: AbortSignal): Promise<Stop | null> {
    const { database, projections, sealedEvents } = this.options;
    const { position: after } = lowest((await readCheckpoints(database, projections)).values());
    for await (const batch of sealedEvents.follow({ after, signal })) {
      const stop = await this.take(batch, lease);
      if (stop) return stop;
      this.#failures = 0;
    }
    return null;
  }

  /** Takes one batch in, as far as it is understood. @returns why not all of it was taken, if so */
  async take(batch: SealedBatch, lease: Pick<Lease, 'guard'>): Promise<Stop | null> {
    const { catalogue, projections } = this.options;
    const stop = firstNotUnderstood(catalogue, projections, batch.events);
    const understood = stop ? batch.events.filter(({ position }) => position < stop.position) : batch.events;
    const end: Checkpoint | null = stop ? null : { position: batch.sealedThrough, storePosition: batch.storeThrough };
    const parts = partsOf(understood);
    if (parts.length === 0 && end) parts.push([]);
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      await this.#takePart(part, (isLast ? end : null) ?? lastOf(part), lease);
    }
    return stop;
  }

  async #takePart(part: readonly SealedStoredEvent[], through: Checkpoint, lease: Pick<Lease, 'guard'>): Promise<void> {
    const { database, projections, reader } = this.options;
    const events = await sightEvents(reader, projections, part);
    await applyStretch({ database, lease }, projections, { events, through });
    if (crossesAnalyze((part[0]?.position ?? through.position) - 1, through.position)) await this.#analyze();
  }

  async #analyze(): Promise<void> {
    for (const table of this.options.projections.flatMap(({ tables }) => tables)) {
      await this.options.database.query(`analyze ${table.name}`);
    }
  }
}

function partsOf(events: readonly SealedStoredEvent[]): SealedStoredEvent[][] {
  const parts: SealedStoredEvent[][] = [];
  for (let at = 0; at < events.length; at += PROJECTION_BATCH) parts.push(events.slice(at, at + PROJECTION_BATCH));
  return parts;
}

function lastOf(part: readonly SealedStoredEvent[]): Checkpoint {
  const { position, storePosition } = part.at(-1) as SealedStoredEvent;
  return { position, storePosition };
}

function crossesAnalyze(before: number, after: number): boolean {
  for (let at = FIRST_ANALYZE; at <= after; at *= 4) if (before < at) return true;
  return false;
}
