import { BEFORE_SEALED } from '#libs/bus';
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

/** Reads how far each of the projections has come. */
export async function readCheckpoints(
  database: Queryable,
  projections: readonly Named[],
): Promise<ReadonlyMap<string, Checkpoint>> {
  const { rows } = await database.query<{ projection: string; version: number } & Checkpoint>({
    name: 'read_model.checkpoints',
    text: `select projection, version, position, store_position as "storePosition" from read_model.checkpoints`,
  });
  const known = new Map(rows.map((row) => [projectionId({ name: row.projection, version: row.version }), row]));
  return new Map(
    projections.map((projection) => {
      const { position, storePosition } = known.get(projectionId(projection)) ?? AT_START;
      return [projectionId(projection), { position, storePosition }];
    }),
  );
}

/** Where all of the projections have been: the lowest of their checkpoints. */
export function lowest(checkpoints: Iterable<Checkpoint>): Checkpoint {
  const all = [...checkpoints];
  if (all.length === 0) return AT_START;
  return {
    position: Math.min(...all.map(({ position }) => position)),
    storePosition: Math.min(...all.map(({ storePosition }) => storePosition)),
  };
}

/** Moves checkpoints forward, never back. */
export async function advanceCheckpoints(
  client: Queryable,
  projections: readonly Named[],
  to: Checkpoint,
): Promise<void> {
  await client.query({
    name: 'read_model.advance',
    text: `insert into read_model.checkpoints as c (projection, version, position, store_position)
           select name, version, $3, $4 from unnest($1::text[], $2::int[]) p(name, version)
           on conflict (projection, version) do update
             set position = excluded.position, store_position = excluded.store_position
             where c.position < excluded.position
               or (c.position = excluded.position and c.store_position < excluded.store_position)`,
    values: [
      projections.map(({ name }) => name),
      projections.map(({ version }) => version),
      to.position,
      to.storePosition,
    ],
  });
}
