import { BEFORE_SEALED } from '#libs/bus';
import type { Database, Lease, Queryable } from '#libs/database';
import type { Projection } from '../projecting/projection.js';
import { createTwins, dropTwins } from './twin.js';

/** How far the tables beside the live ones are filled. */
export interface ShadowProgress {
  /** Everything up to here is in them; beyond it perhaps events of partitions that had come further, which may come again. */
  readonly position: number;
  /** Whether all indexes are made. */
  readonly indexed: boolean;
  /** Whether an earlier rebuild filled them, and this one goes on. */
  readonly resumed: boolean;
}

/** What fills tables, and where. */
export interface ShadowPlace {
  readonly database: Pick<Database, 'kind' | 'query' | 'transaction'>;
  readonly lease: Pick<Lease, 'guard'>;
  readonly projection: Projection;
  /** Version of the software: what another one has filled is thrown away. */
  readonly software: string;
}

/** Finds what an interrupted rebuild has left, and goes on with it; or throws it away, if other software made it, and begins. */
export function prepareShadow({ database, lease, projection, software }: ShadowPlace): Promise<ShadowProgress> {
  const { name, version } = projection;
  return database.transaction(async (client) => {
    await lease.guard(client);
    const left = await readLeft(client, projection);
    if (left?.version === version && left.software === software) return { ...left.progress, resumed: true };
    await clearShadow(client, projection);
    await createTwins(client, database.kind, projection);
    const indexed = database.kind === 'embedded';
    await client.query({
      text: `insert into read_model_shadow.rebuilds (projection, version, software, position, indexed)
             values ($1, $2, $3, $4, $5)`,
      values: [name, version, software, BEFORE_SEALED, indexed],
    });
    return { position: BEFORE_SEALED, indexed, resumed: false };
  });
}

/** Writes down how far the filling has come; in the transaction that writes the rows. */
export async function saveProgress(
  client: Queryable,
  { name }: Projection,
  { position, indexed }: ShadowProgress,
): Promise<void> {
  await client.query({
    name: 'read_model_shadow.progress',
    text: 'update read_model_shadow.rebuilds set position = $2, indexed = $3 where projection = $1',
    values: [name, position, indexed],
  });
}

/** Removes everything that fills or is filled for a projection, whoever left it. */
export async function clearShadow(client: Queryable, projection: Projection): Promise<void> {
  await dropTwins(client, projection);
  await client.query('delete from read_model_shadow.parked where projection = $1', [projection.name]);
  await client.query('delete from read_model_shadow.rebuilds where projection = $1', [projection.name]);
}

async function readLeft(client: Queryable, projection: Projection) {
  const { rows } = await client.query<{ version: number; software: string } & Omit<ShadowProgress, 'resumed'>>({
    text: `select version, software, position, indexed
           from read_model_shadow.rebuilds where projection = $1 for update`,
    values: [projection.name],
  });
  const [row] = rows;
  if (!row) return null;
  const { version, software, ...progress } = row;
  return { version, software, progress };
}
