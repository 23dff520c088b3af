import {
  EVERY_PARTITION,
  ForeignTopicError,
  type ReadingPlace,
  type SealedBatch,
  type SealedEvents,
  SealedLogBrokenError,
  UnsafeTopicError,
} from '#libs/bus';
import type { Catalogue } from '#libs/contracts';
import { type Database, type Lease, LeaseLostError } from '#libs/database';
import { catchUp, refuseBeyond, type SealedLogAtHand } from './catch-up.js';
import { type Checkpoint, readCheckpoints } from './checkpoints.js';
import { Intake } from './intake.js';
import { countParkedStreams } from './parked-streams.js';
import { type Patience, patiently, pause, retryMs } from './patience.js';
import { readPlaces } from './places.js';
import type { Projection } from './projection.js';
import { type Replaying, replayParked } from './replay-parked.js';
import type { EventReader } from './sighted-events.js';
import { ProjectionHeldError } from './standing.js';
import { StreamRevisions } from './stream-revisions.js';
import { type Taken, type Taking, type Traced, takeBatches } from './take-batches.js';
import { type Stop, StoppedError } from './understanding.js';

/** The name under which projectors share the sealed log. */
export const PROJECTOR_GROUP = 'gatebook.projector';

/** What a runner needs. */
export interface ProjectionRunnerOptions {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly sealedEvents: SealedEvents;
  /** Where events come by a carrier that several processes share: the log itself, for projections that lag behind the others. */
  readonly sealedLog?: SealedLogAtHand | undefined;
  readonly store: Replaying['store'];
  readonly reader: EventReader;
  readonly catalogue: Pick<Catalogue, 'entry'>;
  readonly projections: readonly Projection[];
  /** Told of everything that makes the runner pause and try again. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
  /** Told of what was committed; never of the same twice, save where a commit's answer was lost. */
  readonly onTaken?: ((taken: Taken) => void) | undefined;
  /** Wraps the taking of events, so that it shows in their traces. */
  readonly traced?: Traced | undefined;
}

/** How a runner is doing. */
export interface RunnerStatus extends Checkpoint {
  /** Streams that wait, over all projections. */
  readonly parkedStreams: number;
  /** Null while it runs, or has not begun. */
  readonly stopped: Stop | null;
}

type Guard = Pick<Lease, 'guard'>;

/** Keeps projections up with the sealed log. Where the log is shared, several runners may, each with partitions of its own. */
export class ProjectionRunner {
  #stopped: Stop | null = null;
  /** Failures since a batch was last taken in. */
  #failures = 0;
  readonly #revisions: StreamRevisions;
  /** Position up to which every projection had everything when this runner was given a partition, or last took a batch of it. */
  readonly #after = new Map<number, number>();

  constructor(private readonly options: ProjectionRunnerOptions) {
    this.#revisions = new StreamRevisions(options.database);
  }

  /**
   * Projects until the signal is aborted. Waits out trouble with the database or the log's carrier. First tries again what is parked, once.
   * @param lease the role that makes this the only projector, where the log is not shared
   * @returns null when aborted; else why it stopped before an event: newer software, or an operator, is needed
   * @throws {LeaseLostError} when another process projects now
   */
  async run(lease: Guard, signal: AbortSignal): Promise<Stop | null> {
    this.#stopped = null;
    this.#failures = 0;
    while (!signal.aborted) {
      try {
        await this.#replay(lease, signal);
        this.#stopped = await this.#follow(lease, signal);
        return this.#stopped;
      } catch (error) {
        if (signal.aborted) return null;
        if (error instanceof LeaseLostError) throw error;
        this.#stopped = stopOf(error);
        if (this.#stopped) return this.#stopped;
        this.options.onTrouble?.(error);
        await pause(retryMs(this.#failures++), signal);
      }
    }
    return null;
  }

  /** Where what is parked cannot be tried again, everything else goes on all the same. */
  async #replay(lease: Guard, signal: AbortSignal): Promise<void> {
    const replay = async () => {
      try {
        await replayParked({ ...this.options, lease }, this.options.projections);
      } catch (error) {
        if (error instanceof LeaseLostError || error instanceof ProjectionHeldError) throw error;
        this.options.onTrouble?.(error);
      }
    };
    await patiently(replay, { signal });
  }

  async status(): Promise<RunnerStatus> {
    const { database, projections } = this.options;
    const checkpoints = await readCheckpoints(database);
    return {
      ...checkpoints.lowest(projections),
      parkedStreams: await countParkedStreams(database),
      stopped: this.#stopped,
    };
  }

  /** Takes one batch in, as far as it is understood. @returns why not all of it was taken, if so */
  async take(batch: SealedBatch, lease: Guard): Promise<Stop | null> {
    const stops = await this.#take([batch], lease);
    return stops.get(batch) ?? null;
  }

  async #follow(lease: Guard, signal: AbortSignal): Promise<Stop | null> {
    const { database, projections, sealedEvents, sealedLog } = this.options;
    const patience: Patience = { signal, onTrouble: this.options.onTrouble };
    this.#after.clear();
    if (sealedLog) {
      await refuseBeyond(database, projections, sealedLog);
      await this.#catchUp(signal);
    }
    const intake = new Intake((batches) => this.#take(batches, lease, patience));
    let stop: Stop | null = null;
    try {
      await sealedEvents.follow(
        {
          name: PROJECTOR_GROUP,
          place: (partition) => patiently(() => this.#place(partition, signal), patience),
          take: async (batch) => {
            const own = await intake.take(batch);
            stop ??= own; // others may have stopped meanwhile
            return stop ? 'stop' : 'go-on';
          },
        },
        signal,
      );
    } finally {
      await intake.close();
    }
    return stop;
  }

  /** Where to go on in a partition. Before that, a projection that lags behind the group is brought up. */
  async #place(partition: number, signal: AbortSignal): Promise<ReadingPlace> {
    const { database, projections } = this.options;
    for (;;) {
      const group = (await readPlaces(database)).get(partition);
      const { position } = (await readCheckpoints(database)).lowest(projections, partition);
      const behind = partition !== EVERY_PARTITION && group !== undefined && group.position > position;
      if (behind && this.options.sealedLog && !signal.aborted) {
        await this.#catchUp(signal);
        continue;
      }
      this.#after.set(partition, position);
      return { position, bookmark: behind ? null : (group?.bookmark ?? null) };
    }
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    const { database, projections, sealedLog } = this.options;
    if (!sealedLog) return;
    const take = async (batch: SealedBatch, lease: Guard, some: readonly Projection[]) =>
      (await takeBatches(this.#taking(lease, some, new Map()), [batch])).get(batch) ?? null;
    await catchUp({ database, projections, sealedLog, take }, signal);
  }

  async #take(
    batches: readonly SealedBatch[],
    lease: Guard,
    patience?: Patience,
  ): Promise<ReadonlyMap<SealedBatch, Stop>> {
    const stops = await takeBatches(this.#taking(lease, this.options.projections, this.#after), batches, patience);
    this.#failures = 0;
    return stops;
  }

  #taking(lease: Guard, projections: readonly Projection[], after: Map<number, number>): Taking {
    return { ...this.options, lease, projections, after, revisions: this.#revisions };
  }
}

function stopOf(error: unknown): Stop | null {
  if (error instanceof StoppedError) return error.stop;
  if (error instanceof SealedLogBrokenError) return { reason: 'sealed-log-broken', message: error.message };
  if (error instanceof ForeignTopicError || error instanceof UnsafeTopicError)
    return { reason: 'topic-refused', message: error.message };
  return null;
}
