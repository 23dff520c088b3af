import {
  EVERY_PARTITION,
  partitionOf,
  type SealedBatch,
  SealedLogBrokenError,
  type SealedStoredEvent,
} from '#libs/bus';
import type { Queryable } from '#libs/database';

/** Streams whose last revision is kept in mind; of others it is looked up. */
const REMEMBERED_STREAMS = 50_000;

/** Projection whose table knows every event that was taken in. */
const INDEX = 'events';

/**
 * Finds a loss on the way: an event whose predecessor in its stream was never taken in. Exact, whoever took the predecessor and however
 * long ago; what this process took itself it knows without asking. The sealed log read as a whole needs no such check: its positions are dense.
 */
export class StreamRevisions {
  readonly #last = new Map<string, number>();

  constructor(private readonly database: Queryable) {}

  /** The loss before the first event that lacks its predecessor, or that came in a wrong partition; null when there is none. */
  async firstLoss({
    partition,
    events,
  }: SealedBatch): Promise<{ position: number; error: SealedLogBrokenError } | null> {
    if (partition === EVERY_PARTITION) return null;
    const astray = events.find(({ stream }) => partitionOf(stream) !== partition);
    const orphan = await this.#firstOrphan(events);
    const first = [astray, orphan].filter((event) => event !== undefined).sort((a, b) => a.position - b.position)[0];
    if (!first) return null;
    const { position, revision } = first;
    const problem =
      first === astray
        ? `an event came in partition ${partition}, where its stream does not belong`
        : `revision ${revision} of a stream came, and revision ${revision - 1} never did`;
    return { position, error: new SealedLogBrokenError(problem, position) };
  }

  /** Keeps in mind what was taken in. */
  remember(events: readonly SealedStoredEvent[]): void {
    for (const { stream, revision } of events) {
      const before = this.#last.get(stream) ?? -1;
      this.#last.delete(stream);
      this.#last.set(stream, Math.max(before, revision));
    }
    const forgotten = this.#last.keys();
    while (this.#last.size > REMEMBERED_STREAMS) this.#last.delete(forgotten.next().value as string);
  }

  async #firstOrphan(events: readonly SealedStoredEvent[]): Promise<SealedStoredEvent | undefined> {
    const doubtful = this.#doubtful(events);
    if (doubtful.length === 0) return undefined;
    const { rows } = await this.database.query<{ stream: string; revision: number }>({
      name: 'read_model.missing_revisions',
      text: `select stream, revision from unnest($1::text[], $2::int[]) before(stream, revision)
             where not exists (
                 select 1 from read_model.events_v1 e where e.stream = before.stream and e.revision = before.revision)
               and not exists (
                 select 1 from read_model.parked p
                 where p.projection = '${INDEX}' and p.stream = before.stream and p.revision = before.revision)`,
      values: [doubtful.map(({ stream }) => stream), doubtful.map(({ revision }) => revision - 1)],
    });
    const missing = new Set(rows.map(({ stream, revision }) => `${stream} ${revision}`));
    return doubtful.find(({ stream, revision }) => missing.has(`${stream} ${revision - 1}`));
  }

  /** Events whose predecessor is neither in the batch before them nor remembered. */
  #doubtful(events: readonly SealedStoredEvent[]): SealedStoredEvent[] {
    const seen = new Map<string, number>();
    return events.filter(({ stream, revision }) => {
      const last = seen.get(stream) ?? this.#last.get(stream) ?? -1;
      seen.set(stream, Math.max(last, revision));
      return revision > last + 1;
    });
  }
}
