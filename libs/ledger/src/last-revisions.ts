import { NO_STREAM, type StoredEvent } from '#libs/event-store';

/** Says whether the event right before this one in its stream stands before it in the store as well. */
export type StandsBefore = (event: StoredEvent) => Promise<boolean>;

/** Streams of which the last revision is kept in memory; some 20 MB. */
export const STREAMS_REMEMBERED = 100_000;

/**
 * The last revision of each stream, as far as it is remembered, to see that revisions have no gap. Forgets the stream that was seen longest
 * ago; when such a one goes on, `standsBefore` is asked. That a forgotten stream does not begin a second time is for the store's own key.
 */
export class LastRevisions {
  readonly #revisions = new Map<string, number>();
  readonly #standsBefore: StandsBefore | undefined;
  readonly #limit: number;

  /** Without `standsBefore` everything is remembered. */
  constructor({ standsBefore, limit = STREAMS_REMEMBERED }: { standsBefore?: StandsBefore; limit?: number } = {}) {
    this.#standsBefore = standsBefore;
    this.#limit = standsBefore ? limit : Number.POSITIVE_INFINITY;
  }

  /** Whether this event is the next of its stream; it counts as the last one from now on. */
  async follows(event: StoredEvent): Promise<boolean> {
    const { stream, revision } = event;
    const known = this.#revisions.get(stream);
    this.#revisions.delete(stream);
    this.#revisions.set(stream, revision);
    if (this.#revisions.size > this.#limit) this.#revisions.delete(this.#revisions.keys().next().value as string);
    if (known === undefined && revision > 0 && this.#standsBefore) return this.#standsBefore(event);
    return revision === (known ?? NO_STREAM) + 1;
  }
}
