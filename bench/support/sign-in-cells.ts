import { quantile, rounded } from './statistics.js';

/** Whoever signs people in. */
export interface Driver {
  signIn(person: string): Promise<{ readonly ms: number }>;
  /** Until everything that was done for this person is in the read model. */
  visible(person: string): Promise<unknown>;
}

/** An installation under measurement. */
export interface Subject {
  readonly driver: Driver;
  /** CPU used so far, milliseconds. */
  readonly cpu: () => { readonly gatebook: number; readonly postgres: number };
}

/** One kind of sign-in at one concurrency; CPU per sign-in. */
export interface Cell {
  readonly kind: string;
  readonly callers: number;
  readonly perSecond: number;
  readonly times: readonly number[];
  readonly gatebook: number;
  readonly postgres: number;
}

let people = 0;
/** A person who was never seen before. */
export const nextPerson = (): string => `person${++people}`;
/** So many of them. */
export const nextPeople = (count: number): string[] => Array.from({ length: count }, nextPerson);

/** Lets some callers at a time sign people in, one after the other. @returns milliseconds of each */
export async function signInAll(driver: Driver, persons: readonly string[], callers: number): Promise<number[]> {
  const waiting = persons.values();
  const times: number[] = [];
  const caller = async () => {
    for (const person of waiting) times.push((await driver.signIn(person)).ms);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

/** Measures until the read model has caught up, so that sealing and projecting are in the CPU. */
export async function measureCell(
  { driver, cpu }: Subject,
  kind: string,
  persons: readonly string[],
  callers: number,
): Promise<Cell> {
  const before = cpu();
  const begun = performance.now();
  const times = await signInAll(driver, persons, callers);
  const seconds = (performance.now() - begun) / 1_000;
  const last = nextPerson();
  await driver.signIn(last);
  await driver.visible(last); // everything before it is in the read model, too
  const after = cpu();
  const each = (name: 'gatebook' | 'postgres') => (after[name] - before[name]) / (persons.length + 1);
  const perSecond = persons.length / seconds;
  return { kind, callers, perSecond, times, gatebook: each('gatebook'), postgres: each('postgres') };
}

/** CPU of a cell, the database's included, milliseconds. */
export const cpuOf = ({ gatebook, postgres }: Cell): number => gatebook + postgres;

/** A row of a table, beside the CPU of a baseline. */
export const rowOf = (cell: Cell, baseline: { readonly name: string; readonly ms: number }) => ({
  kind: cell.kind,
  concurrency: cell.callers,
  'sign-ins/s': rounded(cell.perSecond),
  'p50 ms': rounded(quantile(cell.times, 0.5)),
  'p99 ms': rounded(quantile(cell.times, 0.99)),
  'Gatebook CPU ms': rounded(cell.gatebook),
  'PostgreSQL CPU ms': rounded(cell.postgres),
  [`CPU ÷ ${baseline.name}`]: rounded(cpuOf(cell) / baseline.ms),
});
