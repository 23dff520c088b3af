import type { Counts } from '../report-kind.js';

const EXCLUDED = 'excluded.';

/** Counts by name, for one batch or one part of it. */
export class Tally {
  readonly #counts: Record<string, number> = {};

  add(name: string, by = 1): this {
    if (by !== 0) this.#counts[name] = (this.#counts[name] ?? 0) + by;
    return this;
  }

  addAll(counts: Counts): this {
    for (const [name, count] of Object.entries(counts)) this.add(name, count);
    return this;
  }

  /** Adds one under the name where the condition holds. */
  addIf(condition: boolean, name: string): this {
    return condition ? this.add(name) : this;
  }

  get counts(): Counts {
    return { ...this.#counts };
  }
}

/** Counts under names that begin alike, without that beginning. */
export const countsUnder = (counts: Counts, prefix: string): Counts =>
  Object.fromEntries(
    Object.entries(counts)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, count]) => [name.slice(prefix.length), count]),
  );

/** Why something was left out, with how many. */
export const excludedIn = (counts: Counts): Counts => countsUnder(counts, EXCLUDED);
