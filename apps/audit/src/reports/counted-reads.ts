import type { AuditRead } from '#libs/contracts';
import type { Actor } from '#libs/kernel';

/** How long small reads are counted before they are written down together, in milliseconds. */
export const COUNTED_FOR_MS = 600_000;

/** Most counts that are kept at once; what comes beside them is written down singly. */
export const COUNTS_MAX = 10_000;

/** Reads that count as the same: by one caller, of one kind of data of one tenant. */
export interface ReadSubject extends Pick<AuditRead['data'], 'what' | 'personal'> {
  readonly actor: Actor;
  /** Whose data; `installation` for what belongs to no tenant. */
  readonly tenant: string;
}

/** Which positions of the log were read, `after` exclusive and `through` inclusive; null where it is no stretch of the log. */
export type Stretch = Pick<AuditRead['data'], 'after' | 'through'>;

/** How many reads there were since when, and the outermost positions that they touched. */
export type ReadCount = Stretch & Pick<AuditRead['data'], 'reads' | 'since'>;

/** Writes down reads that are counted together. @throws when they cannot be written */
export type RecordReads = (subject: ReadSubject, count: ReadCount) => Promise<void>;

interface Open {
  readonly subject: ReadSubject;
  /** Milliseconds of the epoch. */
  until: number;
  /** Came later than what is written down. */
  later: ReadCount | null;
  readonly recorded: Promise<void>;
}

/**
 * Writes down who reads, without filling the log: the first read of each subject at once, those of the next ten minutes together when these
 * are over. Nothing is given out of which nothing can be written down: reads wait for the first, and fail with it. What a killed process had
 * counted is lost; that its first read took place is not.
 */
export class CountedReads {
  readonly #open = new Map<string, Open>();

  constructor(
    private readonly record: RecordReads,
    private readonly now: () => Date,
  ) {}

  /** Counts one read. Call it before the answer. @throws when it cannot be written down */
  async count(subject: ReadSubject, stretch: Stretch): Promise<void> {
    const now = this.now();
    const one = { ...stretch, reads: 1, since: now.toISOString() };
    const key = keyOf(subject);
    const open = this.#open.get(key);
    if (open && now.getTime() < open.until) {
      open.later = together(open.later, one);
      return open.recorded;
    }
    if (!open && this.#open.size >= COUNTS_MAX) return this.record(subject, one);
    await this.#begin(key, subject, { one, owed: open?.later ?? null, now });
  }

  /** Writes down what was counted long enough, or everything. @throws the first failure; what failed is kept for the next time */
  async write(which: 'elapsed' | 'all'): Promise<void> {
    const now = this.now().getTime();
    const due = [...this.#open].filter(([, { until }]) => which === 'all' || until <= now);
    const failures: unknown[] = [];
    for (const [key, open] of due) {
      if (this.#open.get(key) !== open) continue;
      this.#open.delete(key);
      await this.#writeOwed(key, open).catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  async #begin(
    key: string,
    subject: ReadSubject,
    { one, owed, now }: { readonly one: ReadCount; readonly owed: ReadCount | null; readonly now: Date },
  ): Promise<void> {
    const recorded = this.record(subject, together(owed, one));
    const begun: Open = { subject, until: now.getTime() + COUNTED_FOR_MS, later: null, recorded };
    this.#open.set(key, begun);
    try {
      await recorded;
    } catch (error) {
      // neither this read nor those that waited for it were answered; what was answered before is still to be written
      this.#open.delete(key);
      if (owed) this.#owe(key, subject, owed);
      throw error;
    }
  }

  async #writeOwed(key: string, { subject, later }: Open): Promise<void> {
    if (!later) return;
    try {
      await this.record(subject, later);
    } catch (error) {
      this.#owe(key, subject, later);
      throw error;
    }
  }

  #owe(key: string, subject: ReadSubject, owed: ReadCount): void {
    const open = this.#open.get(key);
    if (open) open.later = together(owed, open.later);
    else this.#open.set(key, { subject, until: Number.NEGATIVE_INFINITY, later: owed, recorded: Promise.resolve() });
  }
}

const keyOf = ({ actor, tenant, what, personal }: ReadSubject): string =>
  JSON.stringify([actor.kind, actor.id, tenant, what, personal]);

function together(earlier: ReadCount, later: ReadCount | null): ReadCount;
function together(earlier: ReadCount | null, later: ReadCount): ReadCount;
function together(earlier: ReadCount | null, later: ReadCount | null): ReadCount | null {
  if (!earlier || !later) return earlier ?? later;
  return {
    after: outermost(Math.min, earlier.after, later.after),
    through: outermost(Math.max, earlier.through, later.through),
    reads: earlier.reads + later.reads,
    since: earlier.since,
  };
}

const outermost = (choose: (...of: number[]) => number, one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : choose(one, other);
