import { partitionOf } from '#libs/bus';
import type { Database, Lease, Queryable } from '#libs/database';
import { DomainError } from '#libs/kernel';
import type { Checkpoints } from './checkpoints.js';
import { type ParkedEvent, park, streamOf } from './parked-streams.js';
import { advance, lockPartitions } from './places.js';
import type { Projection } from './projection.js';
import { concerns, readsType, type SightedEvent } from './sighted-events.js';
import { keyText, StagedRows } from './staged-rows.js';
import { readStanding } from './standing.js';
import { type Stretch, splitInTwo } from './stretch.js';
import type { Row, RowChange, Table } from './table.js';
import { loadHeads, writeRows } from './table-writer.js';

/** Where projections write. */
export interface ProjectingPlace {
  readonly database: Pick<Database, 'transaction'>;
  /** Where one process alone may project: the role that makes this the one; checked in every transaction. */
  readonly lease: Pick<Lease, 'guard'>;
}

/** A checkpoint stands lower than where its reader began: somebody set it back, and what lies between would be lost. */
export class SetBackError extends DomainError {
  readonly code = 'checkpoint-set-back';
  readonly kind = 'unavailable';
  constructor({ name }: Projection) {
    super(
      `The checkpoint of ${name} was set back while it was projected. Projecting begins again from there by itself.`,
    );
  }
}

/**
 * Takes a stretch into the projections: rows, parked events, checkpoints and places in one transaction, all or nothing. Events that a
 * projection has seen are passed over, so whoever takes the same stretch at the same time, or again, changes nothing. An event that a
 * projection cannot take is parked with everything that follows in its stream.
 * @returns how many of the events every projection had seen
 * @throws {LeaseLostError} when another process projects now; {ProjectionHeldError} while somebody replaces a projection;
 * {SetBackError}; or what the database throws. Nothing was written then
 */
export async function applyStretch(
  place: ProjectingPlace,
  projections: readonly Projection[],
  stretch: Stretch,
): Promise<number> {
  try {
    return await place.database.transaction(async (client) => {
      await place.lease.guard(client);
      return await write(client, projections, stretch);
    });
  } catch (error) {
    if (!isRefusedData(error)) throw error;
    return await applyNarrower(place, projections, stretch, error);
  }
}

async function write(client: Queryable, projections: readonly Projection[], stretch: Stretch): Promise<number> {
  await lockPartitions(
    client,
    stretch.reached.map(({ partition }) => partition),
  );
  const { checkpoints, parked } = await readStanding(client, projections);
  refuseSetBack(checkpoints, projections, stretch);
  const fresh = new Set<SightedEvent>();
  for (const projection of projections) {
    const due = unseen(checkpoints, projection, stretch.events);
    for (const event of due) fresh.add(event);
    const own = due.filter(({ stored }) => concerns(projection, stored));
    await park(client, await project(client, projection, own, parked));
  }
  await advance(client, projections, stretch.reached);
  return stretch.events.length - fresh.size;
}

function refuseSetBack(checkpoints: Checkpoints, projections: readonly Projection[], { after }: Stretch): void {
  for (const [partition, position] of after) {
    const behind = projections.find((projection) => checkpoints.of(projection, partition).position < position);
    if (behind) throw new SetBackError(behind);
  }
}

/** Events beyond what a projection has, each measured in its own partition; of which one it is matters only where they have come apart. */
function unseen(checkpoints: Checkpoints, projection: Projection, events: readonly SightedEvent[]): SightedEvent[] {
  const positions = checkpoints.positions(projection);
  const everywhere = Math.min(...positions);
  const furthest = Math.max(...positions);
  return events.filter(({ stored: { position, stream } }) => {
    if (position <= everywhere || position > furthest) return position > furthest;
    return position > (positions[partitionOf(stream)] as number);
  });
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
  if (!event.stored.broken && !readsType(projection, event.stored.type)) return { changes: [], problem: null };
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
  stretch: Stretch,
  refusal: unknown,
): Promise<number> {
  const { events, reached } = stretch;
  if (events.length > 1) {
    const [first, second] = splitInTwo(stretch);
    return (await applyStretch(place, projections, first)) + (await applyStretch(place, projections, second));
  }
  if (projections.length > 1) {
    let seen = events.length;
    for (const projection of projections) seen = Math.min(seen, await applyStretch(place, [projection], stretch));
    return seen;
  }
  const [event] = events;
  const [projection] = projections;
  if (!event || !projection) throw refusal;
  await place.database.transaction(async (client) => {
    await place.lease.guard(client);
    await lockPartitions(
      client,
      reached.map(({ partition }) => partition),
    );
    const { checkpoints } = await readStanding(client, projections);
    if (unseen(checkpoints, projection, events).length === 0) return;
    await park(client, [{ projection, event: event.stored, problem: 'RefusedByDatabase' }]);
    await advance(client, [projection], reached);
  });
  return 0;
}
