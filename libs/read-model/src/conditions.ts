/** Collects the conditions of a query with their values, so that no value ever becomes part of its text. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];

  /** Adds a value and answers its place, such as `$3`. */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** Adds a condition. */
  and(condition: string): this {
    this.#parts.push(condition);
    return this;
  }

  /** Adds a condition on a value, unless the value is absent. */
  andIf<T>(value: T | null | undefined, condition: (place: string) => string): this {
    return value === undefined || value === null ? this : this.and(condition(this.value(value)));
  }

  /** Adds a condition that a column equals a value, unless the value is absent. */
  andEqual(column: string, value: unknown): this {
    return this.andIf(value, (place) => `${column} = ${place}`);
  }

  /** Adds a condition that a column has one of these values, unless there is no list of them. Of one value it is equality, which keeps an index's order. */
  andAnyOf(column: string, type: 'text' | 'uuid', values: readonly string[] | null | undefined): this {
    if (values?.length === 1) return this.and(`${column} = ${this.value(values[0])}::${type}`);
    return this.andIf(values, (place) => `${column} = any(${place}::${type}[])`);
  }

  /** Adds the conditions of a page of a list in the order of a column of positions. */
  andWithin(
    column: string,
    { after, through }: { readonly after?: number | undefined; readonly through?: number | undefined },
  ): this {
    return this.andIf(after, (place) => `${column} > ${place}`).andIf(through, (place) => `${column} <= ${place}`);
  }

  /** The text after `where`. */
  get text(): string {
    return this.#parts.length === 0 ? 'true' : this.#parts.join(' and ');
  }
}
