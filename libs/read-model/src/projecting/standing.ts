import type { Queryable } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { type CheckpointRow, Checkpoints } from './checkpoints.js';
import { streamOf } from './parked-streams.js';
import type { Projection } from './projection.js';

/** What a transaction that projects decides by, as it stands once its partitions are locked. */
export interface Standing {
  readonly checkpoints: Checkpoints;
  /** Streams that are parked, as `projection@version stream`. */
  readonly parked: Set<string>;
}

/** Somebody holds a projection for a moment, to compare or replace what is written. Nothing was written; try again soon. */
export class ProjectionHeldError extends DomainError {
  readonly code = 'projection-held';
  readonly kind = 'unavailable';
  constructor(projection: string) {
    super(`The projection ${projection} is being compared or replaced. Nothing is lost; it goes on in a moment.`);
  }
}

interface StandingRow extends CheckpointRow {
  readonly kind: 'checkpoint' | 'parked' | 'held';
  readonly stream: string;
}

const STANDING = {
  name: 'read_model.standing',
  text: `select 'checkpoint' as kind, projection, version, partition, position, store_position as "storePosition", '' as stream
         from read_model.checkpoints
         union all
         select distinct 'parked', projection, version, 0, 0, 0, stream from read_model.parked
         union all
         select 'held', projection, 0, 0, 0, 0, '' from read_model.holds where until > clock_timestamp()`,
};

/**
 * Reads checkpoints, parked streams and holds in one statement.
 * @throws {ProjectionHeldError} when one of the projections is held
 */
export async function readStanding(client: Queryable, projections: readonly Projection[]): Promise<Standing> {
  const { rows } = await client.query<StandingRow>(STANDING);
  const held = rows.find(
    ({ kind, projection }) => kind === 'held' && projections.some(({ name }) => name === projection),
  );
  if (held) throw new ProjectionHeldError(held.projection);
  return {
    checkpoints: new Checkpoints(rows.filter(({ kind }) => kind === 'checkpoint')),
    parked: new Set(
      rows
        .filter(({ kind }) => kind === 'parked')
        .map(({ projection: name, version, stream }) => streamOf({ name, version }, stream)),
    ),
  };
}
