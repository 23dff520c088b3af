import type { Database, Lease, Queryable } from '#libs/database';
import { advanceCheckpoints, type Checkpoint, projectionId, readCheckpoints } from './checkpoints.js';
import { type ParkedEvent, park, parkedStreams, streamOf } from './parked-streams.js';
import type { Projection } from './projection.js';
import { readsType, type SightedEvent } from './sighted-events.js';
import { keyText, StagedRows } from './staged-rows.js';
import type { Row, RowChange, Table } from './table.js';
import { loadHeads, writeRows } from './table-writer.js';

/** Part of the sealed log, in order and without a gap. */
export interface Stretch {
  readonly events: readonly SightedEvent[];
  /** Where its end is. */
  readonly through: Checkpoint;
}

/** Where projections write. */
export interface ProjectingPlace {
  readonly database: Pick<Database, 'transaction'>;
  /** The role that makes this process the only one that projects; checked in every transaction. */
  readonly lease: Pick<Lease, 'guard'>;
}

/**
 * Takes a stretch into the projections: rows, parked events and checkpoints in one transaction, all or nothing. Events that a projection
 * has seen are passed over. An event that a projection cannot take is parked with everything that follows in its stream.
 * @throws {LeaseLostError} when another process projects now, or what the database throws; nothing was written then
 */
export async function applyStretch(
  place: ProjectingPlace,
  projections: readonly Projection[],
  stretch: Stretch,
): Promise<void> {
  try {
    await place.database.transaction(async (client) => {
      await place.lease.guard(client);
      const checkpoints = await readCheckpoints(client, projections);
      const waiting = await parkedStreams(client);
      for (const projection of projections) {
        const { position } = checkpoints.get(projectionId(projection)) as Checkpoint;
        const due = stretch.events.filter(
          ({ stored }) => stored.position > position && readsType(projection, stored.type),
        );
        await park(client, await project(client, projection, due, waiting));
      }
      await advanceCheckpoints(client, projections, stretch.through);
    });
  } catch (error) {
    if (!isRefusedData(error)) throw error;
    await applyNarrower(place, projections, stretch, error);
  }
}

/**
 * Projects events and writes the rows.
 * @param waiting streams that are parked, as `projection@version stream`; grows with what is parked here
 * @returns what has to wait
 */
export async function project(
  client: Queryable,
  projection: Projection,
  events: readonly SightedEvent[],
  waiting: Set<string>,
): Promise<ParkedEvent[]> {
  if (events.length === 0) return [];
  const drafts = events.map((event) => ({ event: event.stored, ...changesOf(projection, event) }));
  const staged = await stageRows(
    client,
    projection,
    drafts.flatMap(({ changes }) => changes),
  );
  const parked: ParkedEvent[] = [];
  for (const { event, changes, problem } of drafts) {
    const stream = streamOf(projection, event.stream);
    if (waiting.has(stream)) {
      parked.push({ projection, event, problem: null });
      continue;
    }
    const trouble = problem ?? attempt(() => staged.apply(changes, event.position)).problem;
    if (trouble === null) continue;
    waiting.add(stream);
    parked.push({ projection, event, problem: trouble });
  }
  for (const writes of staged.writes()) await writeRows(client, writes);
  return parked;
}

function changesOf(
  projection: Projection,
  event: SightedEvent,
): { readonly changes: readonly RowChange[]; readonly problem: string | null } {
  const { value, problem } = attempt(() => projection.project(event.as(projection.sight)));
  return { changes: value ?? [], problem };
}

/** Reducers and projections are pure, so whatever they throw is about the event. Only the error's name is kept: its text may be personal. */
function attempt<T>(work: () => T): { readonly value?: T; readonly problem: string | null } {
  try {
    return { value: work(), problem: null };
  } catch (error) {
    return { problem: error instanceof Error ? error.name : 'unknown' };
  }
}

async function stageRows(
  client: Queryable,
  { tables }: Projection,
  changes: readonly RowChange[],
): Promise<StagedRows> {
  const loaded = [];
  for (const table of tables) loaded.push({ table, rows: await loadHeads(client, table, keysIn(table, changes)) });
  return new StagedRows(loaded);
}

function keysIn(table: Table, changes: readonly RowChange[]): Row[] {
  const ofTable = changes.filter((change) => change.table.name === table.name);
  return [...new Map(ofTable.map(({ key }) => [keyText(key, table.key), key])).values()];
}

/** PostgreSQL says that it does not take these values: SQLSTATE classes 22 (data), 23 (constraint), 54 (limit). */
export function isRefusedData(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
}

/** Halves the stretch until the event, and the projection, that PostgreSQL refuses stand alone; then parks that one. */
async function applyNarrower(
  place: ProjectingPlace,
  projections: readonly Projection[],
  { events, through }: Stretch,
  refusal: unknown,
): Promise<void> {
  if (events.length > 1) {
    const half = Math.ceil(events.length / 2);
    const { position, storePosition } = (events[half - 1] as SightedEvent).stored;
    await applyStretch(place, projections, { events: events.slice(0, half), through: { position, storePosition } });
    await applyStretch(place, projections, { events: events.slice(half), through });
  } else if (projections.length > 1) {
    for (const projection of projections) await applyStretch(place, [projection], { events, through });
  } else {
    const [event] = events;
    const [projection] = projections;
    if (!event || !projection) throw refusal;
    await place.database.transaction(async (client) => {
      await place.lease.guard(client);
      await park(client, [{ projection, event: event.stored, problem: 'RefusedByDatabase' }]);
      await advanceCheckpoints(client, [projection], through);
    });
  }
}
