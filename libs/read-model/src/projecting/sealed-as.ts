import {
  BEFORE_SEALED,
  EVERY_PARTITION,
  partitionOf,
  type SealedBatch,
  SealedLogBrokenError,
  type SealedStoredEvent,
} from '#libs/bus';
import type { Queryable } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { MAX_SEALED_PAGE, type SealedRow, sealedRowsAt, sealedStreams } from '#libs/ledger';

/** How long the sealed log may lack what a carrier brings, milliseconds: after a restore the relay first seals what the store has more. */
const PATIENCE_MS = 30_000;

/** What an operator does about it. */
const OTHER_HISTORY =
  'so the topic tells another history of this installation, such as from before a restore. Delete the topic, which the relay publishes again, and start the projector again';

/** What came is not sealed yet. It may be in a moment, so it is tried again. */
class NotSealedYetError extends DomainError {
  readonly code = 'not-sealed-yet';
  readonly kind = 'unavailable';
  constructor(readonly position: number) {
    super(`An event came that is not sealed in this database (position: ${position}). It is waited for.`);
  }
}

/** Ends the waiting for what is not sealed yet; one for each time that batches are taken, however often that is tried. */
export class SealWatch {
  #since: number | null = null;

  constructor(private readonly patienceMs: number = PATIENCE_MS) {}

  /** @throws {SealedLogBrokenError} when what came should have been sealed by now */
  async watch<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotSealedYetError)) throw error;
      this.#since ??= performance.now();
      if (performance.now() - this.#since < this.patienceMs) throw error;
      throw new SealedLogBrokenError(`events come that were not sealed in it, ${OTHER_HISTORY}`, error.position);
    }
  }
}

/**
 * Batches as the sealed log has them: what came in partitions is held against it, and where an event stands is taken from there. A carrier
 * may still bring what it was told before a restore, or before the log moved to another store. A batch of the log as a whole is that log.
 * @param database holds `ledger.sealed_log`
 * @param after position up to which partitions have everything, where that is known
 * @returns what to take in place of each
 * @throws {SealedLogBrokenError} when another event is sealed in the place of one that came, or one was passed over
 * @throws {NotSealedYetError} when something that came is not sealed
 */
export async function sealedAs(
  database: Queryable,
  batches: readonly SealedBatch[],
  after: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<SealedBatch, SealedBatch>> {
  const shared = batches.filter(({ partition }) => partition !== EVERY_PARTITION);
  const rows = await rowsOf(database, shared);
  const sealed = new Map(shared.map((batch) => [batch, asSealed(batch, rows)]));
  await refusePassedOver(database, shared, after);
  return sealed;
}

type Rows = ReadonlyMap<number, SealedRow>;

async function rowsOf(database: Queryable, batches: readonly SealedBatch[]): Promise<Rows> {
  const all = batches.flatMap(({ events, sealedThrough }) => [
    ...events.map(({ position }) => position),
    sealedThrough,
  ]);
  const positions = [...new Set(all)].filter((position) => position !== BEFORE_SEALED);
  const rows = new Map<number, SealedRow>();
  for (let at = 0; at < positions.length; at += MAX_SEALED_PAGE)
    for (const row of await sealedRowsAt(database, positions.slice(at, at + MAX_SEALED_PAGE)))
      rows.set(row.position, row);
  return rows;
}

function asSealed(batch: SealedBatch, rows: Rows): SealedBatch {
  const events = batch.events.map((event) => eventAsSealed(event, rowAt(rows, event.position)));
  if (batch.sealedThrough === BEFORE_SEALED) return { ...batch, events };
  return { ...batch, events, storeThrough: rowAt(rows, batch.sealedThrough).storePosition };
}

function rowAt(rows: Rows, position: number): SealedRow {
  const row = rows.get(position);
  if (!row) throw new NotSealedYetError(position);
  return row;
}

function eventAsSealed(event: SealedStoredEvent, row: SealedRow): SealedStoredEvent {
  if (!isSame(event, row))
    throw new SealedLogBrokenError(`another event came than was sealed there, ${OTHER_HISTORY}`, event.position);
  const { tenant, tenantPosition, storePosition, sealedAt, eventId: id } = row;
  return { ...event, id, tenant, tenantPosition, storePosition, sealedAt };
}

/** Of a damaged event not even the id is sure, only its place. */
const isSame = ({ broken, id, stream, revision }: SealedStoredEvent, row: SealedRow): boolean =>
  broken ? row.stream === stream && row.revision === revision : row.eventId === id;

/** A stretch in which a partition is said to have no event. */
interface Silence {
  readonly partition: number;
  readonly after: number;
  readonly through: number;
}

/** A tick has no id to tell one history from another by; but where it says that nothing was, nothing may have been sealed. */
async function refusePassedOver(
  database: Queryable,
  batches: readonly SealedBatch[],
  after: ReadonlyMap<number, number>,
): Promise<void> {
  const silences = batches.flatMap((batch) => silenceAfter(batch, after.get(batch.partition)));
  if (silences.length === 0) return;
  const through = Math.max(...silences.map((silence) => silence.through));
  for (let at = Math.min(...silences.map((silence) => silence.after)); at < through; ) {
    const page = await sealedStreams(database, at, through);
    for (const { position, stream } of page) {
      const own = partitionOf(stream);
      const passedOver = silences.some(
        (one) => one.partition === own && one.after < position && position <= one.through,
      );
      if (passedOver) throw new SealedLogBrokenError(`an event of it was passed over, ${OTHER_HISTORY}`, position);
    }
    at = page.at(-1)?.position ?? through;
  }
}

function silenceAfter({ partition, events, sealedThrough }: SealedBatch, after: number | undefined): Silence[] {
  if (after === undefined) return [];
  const last = Math.max(after, events.at(-1)?.position ?? after);
  return last < sealedThrough ? [{ partition, after: last, through: sealedThrough }] : [];
}
