/** How a job waits. */
export interface Waits {
  /** Who asks: sources take turns. Absent: one and the same. */
  readonly source?: string | undefined;
  /** Whether the job may take long: such jobs never hold all threads. */
  readonly large?: boolean | undefined;
}

interface Entry<Item> {
  readonly item: Item;
  readonly large: boolean;
}

/**
 * A queue in which sources take turns, so that whoever asks five hundred times waits behind themselves and not before everybody else. Within
 * a source it is first come, first served, except that a large job which may not run yet is passed by smaller ones.
 */
export class FairQueue<Item> {
  /** By source; the map's order is whose turn is next. */
  readonly #bySource = new Map<string, Entry<Item>[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** How many of a source's jobs wait. */
  lengthOf(source = ''): number {
    return this.#bySource.get(source)?.length ?? 0;
  }

  push(item: Item, { source = '', large = false }: Waits): void {
    const entries = this.#bySource.get(source) ?? [];
    entries.push({ item, large });
    this.#bySource.set(source, entries);
    this.#length += 1;
  }

  /** Takes the next job, of the source whose turn it is; undefined when none waits that may run. */
  take({
    large: mayBeLarge,
  }: {
    readonly large: boolean;
  }): { readonly item: Item; readonly large: boolean } | undefined {
    for (const [source, entries] of this.#bySource) {
      const index = entries.findIndex(({ large }) => mayBeLarge || !large);
      if (index < 0) continue;
      const [entry] = entries.splice(index, 1);
      this.#bySource.delete(source);
      if (entries.length > 0) this.#bySource.set(source, entries);
      this.#length -= 1;
      return entry;
    }
    return undefined;
  }

  /** Takes all. */
  drain(): Item[] {
    const items = [...this.#bySource.values()].flat().map(({ item }) => item);
    this.#bySource.clear();
    this.#length = 0;
    return items;
  }
}
