import { BEFORE_SEALED, EVERY_PARTITION, type SealedBatch, type SealedEvents, SealedLogBrokenError } from '#libs/bus';
import type { Lease, Queryable } from '#libs/database';
import { readCheckpoints } from './checkpoints.js';
import { readPlaces } from './places.js';
import type { Projection } from './projection.js';
import { type Stop, StoppedError } from './understanding.js';

/** The sealed log itself, for readers who receive it by another carrier. */
export interface SealedLogAtHand {
  /** Reads it as a whole. */
  readonly events: SealedEvents;
  /** Position of its last event, -1 when empty. */
  head(): Promise<number>;
  /** How long it may lack what the carrier brings, milliseconds; default 30,000. */
  readonly patienceMs?: number | undefined;
  /** Works while no other process does. The signal that the work gets is also aborted when that ends. */
  exclusively(
    work: (lease: Pick<Lease, 'guard'>, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Catching up. */
export interface CatchingUp {
  readonly database: Queryable;
  readonly projections: readonly Projection[];
  readonly sealedLog: SealedLogAtHand;
  /** Takes a batch into some of the projections. */
  take(batch: SealedBatch, lease: Pick<Lease, 'guard'>, projections: readonly Projection[]): Promise<Stop | null>;
}

/** Projections that lag behind the group, and the position to which they have to come. */
interface Lag {
  readonly projections: readonly Projection[];
  readonly target: number;
}

/**
 * Brings projections that lag behind their group, such as those of a new version, up from the sealed log: the group goes on for all of
 * them at its places, so it would never bring what lies before.
 * @throws {StoppedError} before an event that this software does not understand
 */
export async function catchUp(catchingUp: CatchingUp, signal: AbortSignal): Promise<void> {
  const { database, projections, sealedLog } = catchingUp;
  if ((await lagOf(database, projections)) === null) return;
  await sealedLog.exclusively(async (lease, held) => {
    const lag = await lagOf(database, projections);
    if (lag) await readUp(catchingUp, lag, lease, held);
  }, signal);
}

async function readUp(
  { database, sealedLog, take }: CatchingUp,
  { projections, target }: Lag,
  lease: Pick<Lease, 'guard'>,
  signal: AbortSignal,
): Promise<void> {
  let stop: Stop | null = null;
  const place = async () => {
    const { position } = (await readCheckpoints(database)).lowest(projections);
    return { position, bookmark: null };
  };
  await sealedLog.events.follow(
    {
      name: 'gatebook.projector-catch-up',
      place,
      take: async (batch) => {
        stop = await take(batch, lease, projections);
        return stop || batch.sealedThrough >= target ? 'stop' : 'go-on';
      },
    },
    signal,
  );
  if (stop) throw new StoppedError(stop);
}

async function lagOf(database: Queryable, projections: readonly Projection[]): Promise<Lag | null> {
  const places = await readPlaces(database);
  const checkpoints = await readCheckpoints(database);
  const behind = projections.filter((projection) =>
    [...places].some(([partition, { position }]) => checkpoints.of(projection, partition).position < position),
  );
  const target = Math.max(BEFORE_SEALED, ...[...places.values()].map(({ position }) => position));
  return behind.length === 0 ? null : { projections: behind, target };
}

/** @throws {SealedLogBrokenError} when the read model stands beyond the end of the sealed log: the database was set back, or is another one */
export async function refuseBeyond(
  database: Queryable,
  projections: readonly Projection[],
  sealedLog: Pick<SealedLogAtHand, 'head'>,
): Promise<void> {
  const checkpoints = await readCheckpoints(database);
  const partitions = [EVERY_PARTITION, ...(await readPlaces(database)).keys()];
  const furthest = Math.max(
    ...projections.flatMap((one) => partitions.map((partition) => checkpoints.of(one, partition).position)),
  );
  if (furthest > (await sealedLog.head()))
    throw new SealedLogBrokenError('the read model stands beyond its end', furthest);
}
