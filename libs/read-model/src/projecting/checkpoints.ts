import { BEFORE_SEALED, EVERY_PARTITION, PARTITIONS } from '#libs/bus';
import type { Queryable } from '#libs/database';
import { BEFORE_FIRST } from '#libs/event-store';
import type { Projection } from './projection.js';

/** How far a projection has come. */
export interface Checkpoint {
  /** Of the last sealed event that it has taken in; -1 before the first. */
  readonly position: number;
  /** Likewise in the store's own order. */
  readonly storePosition: number;
}

/** A projection that has seen nothing. */
export const AT_START: Checkpoint = { position: BEFORE_SEALED, storePosition: BEFORE_FIRST };

type Named = Pick<Projection, 'name' | 'version'>;

/** Names a projection with its version, as in `grants@1`. */
export const projectionId = ({ name, version }: Named): string => `${name}@${version}`;

/** A row of `read_model.checkpoints`. */
export interface CheckpointRow extends Checkpoint {
  readonly projection: string;
  readonly version: number;
  /** 0–11, or `EVERY_PARTITION`. */
  readonly partition: number;
}

/**
 * How far projections have come in each partition. What was taken in of the log as a whole counts for every partition, so the log may come
 * in partitions at one time and as a whole at another.
 */
export class Checkpoints {
  readonly #rows = new Map<string, Checkpoint>();

  constructor(rows: readonly CheckpointRow[]) {
    for (const { projection, version, partition, position, storePosition } of rows)
      this.#rows.set(`${projectionId({ name: projection, version })} ${partition}`, { position, storePosition });
  }

  /** Up to where a projection has everything of a partition; of `EVERY_PARTITION`, up to where it has everything of every one. */
  of(projection: Named, partition: number): Checkpoint {
    if (partition === EVERY_PARTITION) return lowest(ALL.map((each) => this.of(projection, each)));
    const id = projectionId(projection);
    return furthest(this.#rows.get(`${id} ${EVERY_PARTITION}`), this.#rows.get(`${id} ${partition}`));
  }

  /** Positions up to which a projection has everything of each partition, by partition. */
  positions(projection: Named): readonly number[] {
    return ALL.map((partition) => this.of(projection, partition).position);
  }

  /** Up to where all of these projections have everything of a partition. */
  lowest(projections: readonly Named[], partition: number = EVERY_PARTITION): Checkpoint {
    return lowest(projections.map((projection) => this.of(projection, partition)));
  }
}

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** Two true statements about the same partition: each number counts by itself. */
function furthest(one: Checkpoint = AT_START, other: Checkpoint = AT_START): Checkpoint {
  return {
    position: Math.max(one.position, other.position),
    storePosition: Math.max(one.storePosition, other.storePosition),
  };
}

function lowest(checkpoints: readonly Checkpoint[]): Checkpoint {
  if (checkpoints.length === 0) return AT_START;
  return {
    position: Math.min(...checkpoints.map(({ position }) => position)),
    storePosition: Math.min(...checkpoints.map(({ storePosition }) => storePosition)),
  };
}

/** Reads how far projections have come. */
export async function readCheckpoints(database: Queryable): Promise<Checkpoints> {
  const { rows } = await database.query<CheckpointRow>({
    name: 'read_model.checkpoints',
    text: `select projection, version, partition, position, store_position as "storePosition" from read_model.checkpoints`,
  });
  return new Checkpoints(rows);
}
