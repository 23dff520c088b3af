import type { Queryable } from '#libs/database';
import { BEFORE_FIRST, type EventStore, NO_STREAM, type StoredEvent } from '#libs/event-store';
import { parseStreamName } from '#libs/kernel';
import { canonicalHash } from './canonical-hash.js';
import { lastSealedRow, readSealedRows, type SealedRow } from './sealed-log.queries.js';

/** What can be wrong between the store and the sealed log. */
export type SealedLogProblem =
  | 'position-not-dense'
  | 'tenant-position-not-dense'
  | 'not-sealed'
  | 'not-in-store'
  | 'place-differs'
  | 'revision-not-gapless'
  | 'hash-differs';

/** One thing that is wrong, and where. */
export interface Finding {
  readonly problem: SealedLogProblem;
  readonly storePosition: number;
  readonly eventId: string;
}

/** What a verification came to. */
export interface Verification {
  /** Rows of the sealed log that were looked at. */
  readonly sealed: number;
  /** Events at the end of the store that are not sealed yet; no fault. */
  readonly pending: number;
  /** All problems, also those beyond the listed ones. 0 means that every check held. */
  readonly problems: number;
  /** The first 1,000 problems. */
  readonly findings: readonly Finding[];
}

const MAX_FINDINGS = 1_000;
const PAGE = 1_000;

/**
 * Compares the sealed log with the events that it speaks of; both must come in the store's order. Checks that positions are dense over
 * all and per tenant, that events and rows are one to one, that revisions are gapless and that the hash recomputed from each event is
 * the one that was sealed. Pure apart from pulling its input. Memory grows with the number of streams, not of events.
 */
export async function compareSealedLog(
  rows: AsyncIterable<SealedRow> | Iterable<SealedRow>,
  events: AsyncIterable<StoredEvent> | Iterable<StoredEvent>,
): Promise<Verification> {
  const check = new Check();
  const sealed = puller(rows);
  const stored = puller(events);
  let [row, event] = [await sealed(), await stored()];
  while (row || event) {
    if (row && event && row.storePosition === event.storePosition) {
      check.pair(row, event);
      [row, event] = [await sealed(), await stored()];
    } else if (row && (!event || row.storePosition < event.storePosition)) {
      check.rowAlone(row);
      row = await sealed();
    } else if (event) {
      check.eventAlone(event, row !== null);
      event = await stored();
    }
  }
  return check.result();
}

/** Reads store and sealed log page by page, up to what was sealed at the start, and compares them. */
export async function verifySealedLog({
  database,
  store,
}: {
  readonly database: Queryable;
  readonly store: Pick<EventStore, 'readLog'>;
}): Promise<Verification> {
  const last = await lastSealedRow(database);
  return compareSealedLog(sealedRows(database, last?.position ?? -1), storedEvents(store));
}

class Check {
  #sealed = 0;
  #lastPosition = -1;
  #pending = 0;
  #problems = 0;
  readonly #findings: Finding[] = [];
  readonly #tenantEnds = new Map<string, number>();
  readonly #revisions = new Map<string, number>();

  pair(row: SealedRow, event: StoredEvent): void {
    this.#dense(row);
    const { tenant } = parseStreamName(event.stream);
    const samePlace =
      row.eventId === event.id &&
      row.stream === event.stream &&
      row.revision === event.revision &&
      row.tenant === tenant;
    this.#need(samePlace, 'place-differs', row);
    this.#need(row.hash === canonicalHash(event).toString('hex'), 'hash-differs', row);
    this.#gapless(event);
  }

  rowAlone(row: SealedRow): void {
    this.#dense(row);
    this.#need(false, 'not-in-store', row);
  }

  /** At the end of the log the sealer is merely behind; before a sealed event a row is missing. */
  eventAlone(event: StoredEvent, sealedLater: boolean): void {
    if (!sealedLater) this.#pending += 1;
    this.#need(!sealedLater, 'not-sealed', { storePosition: event.storePosition, eventId: event.id });
    this.#gapless(event);
  }

  result(): Verification {
    return { sealed: this.#sealed, pending: this.#pending, problems: this.#problems, findings: this.#findings };
  }

  #dense(row: SealedRow): void {
    this.#need(row.position === this.#lastPosition + 1, 'position-not-dense', row);
    this.#need(row.tenantPosition === (this.#tenantEnds.get(row.tenant) ?? -1) + 1, 'tenant-position-not-dense', row);
    this.#sealed += 1;
    this.#lastPosition = row.position;
    this.#tenantEnds.set(row.tenant, row.tenantPosition);
  }

  #gapless({ stream, revision, storePosition, id }: StoredEvent): void {
    const expected = (this.#revisions.get(stream) ?? NO_STREAM) + 1;
    this.#need(revision === expected, 'revision-not-gapless', { storePosition, eventId: id });
    this.#revisions.set(stream, revision);
  }

  #need(holds: boolean, problem: SealedLogProblem, { storePosition, eventId }: Omit<Finding, 'problem'>): void {
    if (holds) return;
    this.#problems += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ problem, storePosition, eventId });
  }
}

/** Pulls one item at a time, `null` after the last. */
function puller<T>(items: AsyncIterable<T> | Iterable<T>): () => Promise<T | null> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  return async () => {
    const { done, value } = await iterator.next();
    return done ? null : value;
  };
}

async function* sealedRows(database: Queryable, through: number): AsyncIterable<SealedRow> {
  let after = -1;
  while (after < through) {
    const rows = await readSealedRows(database, after, PAGE);
    if (rows.length === 0) return;
    yield* rows.filter(({ position }) => position <= through);
    after = (rows.at(-1) as SealedRow).position;
  }
}

async function* storedEvents(store: Pick<EventStore, 'readLog'>): AsyncIterable<StoredEvent> {
  for (let after = BEFORE_FIRST; ; ) {
    const { events, through } = await store.readLog({ after, limit: PAGE });
    yield* events;
    if (events.length === 0 && through === after) return;
    after = through;
  }
}
