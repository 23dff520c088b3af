/**
 * Namespaces by prefix, the default one under the empty prefix. A scope knows its own declarations and the scope around it, so that one
 * inside of another costs what it declares, however much is declared around it.
 */
export class NamespaceScope {
  /** Prefixes that mean something here. */
  readonly size: number;
  readonly #own: ReadonlyMap<string, string>;
  readonly #outer: NamespaceScope | undefined;

  constructor(declared: Iterable<readonly [string, string]>, outer?: NamespaceScope) {
    this.#own = new Map(declared);
    this.#outer = outer;
    let size = outer?.size ?? 0;
    for (const prefix of this.#own.keys()) if (!outer?.has(prefix)) size += 1;
    this.size = size;
  }

  /** What a prefix means; undefined where nothing around declares it. */
  get(prefix: string): string | undefined {
    if (this.#own.has(prefix)) return this.#own.get(prefix);
    return this.#outer?.get(prefix);
  }

  /** Whether a prefix means anything. */
  has(prefix: string): boolean {
    return this.get(prefix) !== undefined;
  }
}
