/** Numbers that depend on a seed alone (mulberry32). */
export interface Random {
  /** From 0, inclusive, to `below`, exclusive; whole. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
}

/** A sequence that a seed determines; the same seed gives the same one. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, pick: (from) => from[below(from.length)] as (typeof from)[number] };
}
