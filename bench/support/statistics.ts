/** The middle value; NaN of nothing. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which that share of the values lies; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

/** Rounds for a table. */
export const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** Says whether a target is met, and by how much it is missed. Every target here is an upper limit. */
export function verdict(what: string, value: number, limit: number, unit: string): void {
  const missed = `MISSED by ${((value / limit - 1) * 100).toFixed(0)} %`;
  console.log(`${what}: ${value.toFixed(1)} ${unit} (target at most ${limit}: ${value <= limit ? 'met' : missed})`);
}
