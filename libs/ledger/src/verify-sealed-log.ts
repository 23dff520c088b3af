import type { Queryable } from '#libs/database';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { parseStreamName } from '#libs/kernel';
import { canonicalHash } from './canonical-hash.js';
import { LastRevisions, type StandsBefore } from './last-revisions.js';
import { puller, storedEvents } from './log-walk.js';
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
  /** Sealed events after the last one that the store holds: above 0 the store was set back, to an older backup perhaps. */
  readonly missingTail: number;
  /** All problems, also those beyond the listed ones. 0 means that every check held. */
  readonly problems: number;
  /** The first 1,000 problems. */
  readonly findings: readonly Finding[];
}

/** How far a verification has come. */
export interface VerificationProgress {
  readonly events: number;
  /** Sealed events in all. */
  readonly of: number;
}

const MAX_FINDINGS = 1_000;
const PAGE = 1_000;

/**
 * Compares the sealed log with the events that it speaks of; both must come in the store's order. Checks that positions are dense over
 * all and per tenant, that events and rows are one to one, that revisions are gapless and that the hash recomputed from each event is
 * the one that was sealed. Pure apart from pulling its input. Memory grows with the number of tenants, not of events or streams: of
 * streams that it has forgotten it asks for the event before.
 */
export async function compareSealedLog(
  rows: AsyncIterable<SealedRow> | Iterable<SealedRow>,
  events: AsyncIterable<StoredEvent> | Iterable<StoredEvent>,
  revisions: LastRevisions = new LastRevisions(),
): Promise<Verification> {
  const check = new Check(revisions);
  const sealed = puller(rows);
  const stored = puller(events);
  let [row, event] = [await sealed(), await stored()];
  while (row || event) {
    if (row && event && row.storePosition === event.storePosition) {
      await check.pair(row, event);
      [row, event] = [await sealed(), await stored()];
    } else if (row && (!event || row.storePosition < event.storePosition)) {
      check.rowAlone(row);
      row = await sealed();
    } else if (event) {
      await check.eventAlone(event, row !== null);
      event = await stored();
    }
  }
  return check.result();
}

/**
 * Reads store and sealed log page by page, up to what was sealed at the start, and compares them.
 * @param onProgress told after each page
 */
export async function verifySealedLog({
  database,
  store,
  onProgress,
}: {
  readonly database: Queryable;
  readonly store: Pick<EventStore, 'readLog' | 'readStream'>;
  readonly onProgress?: (progress: VerificationProgress) => void;
}): Promise<Verification> {
  const last = await lastSealedRow(database);
  const through = last?.position ?? -1;
  const rows = sealedRows(database, through, (position) => onProgress?.({ events: position + 1, of: through + 1 }));
  return compareSealedLog(rows, storedEvents(store), new LastRevisions({ standsBefore: lookUpIn(store) }));
}

const lookUpIn =
  (store: Pick<EventStore, 'readStream'>): StandsBefore =>
  async ({ stream, revision, storePosition }) => {
    const [before] = await store.readStream(stream, { from: revision - 1, limit: 1 });
    return before?.revision === revision - 1 && before.storePosition < storePosition;
  };

class Check {
  #sealed = 0;
  #lastPosition = -1;
  #pending = 0;
  #problems = 0;
  readonly #findings: Finding[] = [];
  readonly #tenantEnds = new Map<string, number>();
  #missingTail = 0;

  constructor(private readonly revisions: LastRevisions) {}

  async pair(row: SealedRow, event: StoredEvent): Promise<void> {
    this.#missingTail = 0;
    this.#dense(row);
    const { tenant } = parseStreamName(event.stream);
    const samePlace =
      row.eventId === event.id &&
      row.stream === event.stream &&
      row.revision === event.revision &&
      row.tenant === tenant;
    this.#need(samePlace, 'place-differs', row);
    this.#need(row.hash === canonicalHash(event).toString('hex'), 'hash-differs', row);
    await this.#gapless(event);
  }

  rowAlone(row: SealedRow): void {
    this.#dense(row);
    this.#missingTail += 1;
    this.#need(false, 'not-in-store', row);
  }

  /** At the end of the log the sealer is merely behind; before a sealed event a row is missing. */
  async eventAlone(event: StoredEvent, sealedLater: boolean): Promise<void> {
    this.#missingTail = 0;
    if (!sealedLater) this.#pending += 1;
    this.#need(!sealedLater, 'not-sealed', { storePosition: event.storePosition, eventId: event.id });
    await this.#gapless(event);
  }

  result(): Verification {
    return {
      sealed: this.#sealed,
      pending: this.#pending,
      missingTail: this.#missingTail,
      problems: this.#problems,
      findings: this.#findings,
    };
  }

  #dense(row: SealedRow): void {
    this.#need(row.position === this.#lastPosition + 1, 'position-not-dense', row);
    this.#need(row.tenantPosition === (this.#tenantEnds.get(row.tenant) ?? -1) + 1, 'tenant-position-not-dense', row);
    this.#sealed += 1;
    this.#lastPosition = row.position;
    this.#tenantEnds.set(row.tenant, row.tenantPosition);
  }

  async #gapless(event: StoredEvent): Promise<void> {
    const { storePosition, id } = event;
    this.#need(await this.revisions.follows(event), 'revision-not-gapless', { storePosition, eventId: id });
  }

  #need(holds: boolean, problem: SealedLogProblem, { storePosition, eventId }: Omit<Finding, 'problem'>): void {
    if (holds) return;
    this.#problems += 1;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ problem, storePosition, eventId });
  }
}

async function* sealedRows(
  database: Queryable,
  through: number,
  onPage: (position: number) => void,
): AsyncIterable<SealedRow> {
  let after = -1;
  while (after < through) {
    const rows = await readSealedRows(database, after, PAGE);
    if (rows.length === 0) return;
    yield* rows.filter(({ position }) => position <= through);
    after = (rows.at(-1) as SealedRow).position;
    onPage(Math.min(after, through));
  }
}
