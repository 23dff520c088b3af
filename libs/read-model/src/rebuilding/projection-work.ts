import type { Queryable } from '#libs/database';
import type { EventStore, WritePath } from '#libs/event-store';
import type { CommandMetadata } from '#libs/kernel';
import { listParked, type ParkedStream } from '../projecting/parked-streams.js';
import { replayParked } from '../projecting/replay-parked.js';
import { findProjections } from './find-projections.js';
import { planRebuild, type RebuildPlan } from './plan-rebuild.js';
import { type Rebuilding, type RebuildOutcome, rebuildProjection, verifyProjection } from './rebuild-projection.js';
import { recordVerification } from './record-verification.js';

/** What work on projections needs; the projections are named. */
export interface ProjectionWork extends Omit<Rebuilding, 'projection' | 'store'> {
  readonly store: Pick<EventStore, 'readLog' | 'readStream'>;
}

/** Parked streams that were tried again. */
export interface ReplayOutcome {
  /** Events that were taken. */
  readonly taken: number;
  /** What still waits, at most 1,000 streams. */
  readonly waiting: readonly ParkedStream[];
}

/** Safe beside whoever projects: it locks the partitions and looks at the checkpoints as they do. */
const BESIDE_OTHERS = { guard: async () => {} };

/**
 * Rebuilds projections one after the other; see `rebuildProjection`.
 * @param names none for all
 * @throws {UnknownProjectionError} before anything is done, and whatever `rebuildProjection` throws; those before are rebuilt then
 */
export async function rebuildProjections(work: ProjectionWork, names: readonly string[]): Promise<RebuildOutcome[]> {
  const outcomes: RebuildOutcome[] = [];
  for (const projection of findProjections(names)) outcomes.push(await rebuildProjection({ ...work, projection }));
  return outcomes;
}

/**
 * Verifies projections one after the other and records each outcome as `ProjectionVerified`.
 * @param names none for all
 * @param metadata of the command that asked for it, in the tenant `installation`; a repeat records nothing more
 * @throws as `rebuildProjections` does
 */
export async function verifyProjections(
  work: ProjectionWork,
  names: readonly string[],
  { path, metadata }: { readonly path: WritePath; readonly metadata: CommandMetadata },
): Promise<RebuildOutcome[]> {
  const outcomes: RebuildOutcome[] = [];
  for (const projection of findProjections(names)) {
    const outcome = await verifyProjection({ ...work, projection });
    await recordVerification(path, outcome, metadata);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Says what rebuilding would do. @param names none for all @throws {UnknownProjectionError} */
export async function planRebuilds(database: Queryable, names: readonly string[]): Promise<RebuildPlan[]> {
  const plans: RebuildPlan[] = [];
  for (const projection of findProjections(names)) plans.push(await planRebuild(database, projection));
  return plans;
}

/**
 * Tries parked streams again, while others project.
 * @throws {UnknownProjectionError}
 * @throws {ProjectionHeldError} while the projection is being replaced: try again in a moment
 */
export async function replayParkedStreams(
  work: Pick<ProjectionWork, 'database' | 'store' | 'reader'>,
  { projection, tenant }: { readonly projection?: string | undefined; readonly tenant?: string | undefined },
): Promise<ReplayOutcome> {
  const projections = findProjections(projection === undefined ? [] : [projection]);
  const taken = await replayParked({ ...work, lease: BESIDE_OTHERS }, projections, { tenant });
  return { taken, waiting: await listParked(work.database, { tenant, projection }) };
}
