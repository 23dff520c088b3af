import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReportRow } from '../column.js';

/** Most rows of one sample: auditors take 25 to 40, and each comes with its events. */
export const SAMPLE_SIZE_MAX = 100;

/** Longest seed, characters. */
export const SEED_LENGTH_MAX = 100;

/** What a sample is drawn by. */
export interface SampleTerms {
  /** Any text; the auditor chooses it. */
  readonly seed: string;
  /** 1 to 100. */
  readonly size: number;
}

/** A row that was drawn. */
export interface DrawnRow {
  /** Its place in the report, the first row is 1. */
  readonly number: number;
  /** SHA-256, hex, by which it was drawn. */
  readonly digest: string;
  readonly row: ReportRow;
}

/** A sample, and out of how many. */
export interface DrawnSample {
  readonly population: number;
  /** In the order in which they were drawn. */
  readonly rows: readonly DrawnRow[];
}

/** How a sample is drawn, for those who want to draw it again. */
export const SAMPLE_METHOD =
  'Rows are numbered from 1 in the order of the report. Of each number, SHA-256 is taken over the seed, a line feed and the number in decimal digits, in UTF-8. The rows with the smallest digests are the sample, in that order.';

/** Numbers that are looked at in one turn of the event loop: some milliseconds. */
const NUMBERS_AT_A_TIME = 2_000;

/** A row number, and the digest by which it is drawn. */
type DrawnNumber = Omit<DrawnRow, 'row'>;

/** What a sample is drawn from. */
export interface Drawing {
  /** How many rows the report has. */
  readonly population: number;
  /** Reads rows by their numbers, which ascend. */
  readonly readRows: (numbers: readonly number[]) => AsyncIterable<Pick<DrawnRow, 'number' | 'row'>>;
  /** Aborted when nobody waits for the sample any more. */
  readonly signal: AbortSignal;
}

/**
 * Draws a sample: the rows with the smallest SHA-256 of seed, line feed and row number. The same report and seed give the same sample, a
 * bigger one begins with the smaller one, and nobody can foresee it who does not know the seed. Only the rows that are drawn are read, and
 * between a few thousand numbers others have their turn.
 * @throws the reason of the signal
 */
export async function drawSample({ population, readRows, signal }: Drawing, terms: SampleTerms): Promise<DrawnSample> {
  const drawn = await drawNumbers(population, terms, signal);
  const rows = new Map<number, ReportRow>();
  const numbers = drawn.map(({ number }) => number).sort((a, b) => a - b);
  for await (const { number, row } of readRows(numbers)) {
    signal.throwIfAborted();
    rows.set(number, row);
  }
  return { population, rows: drawn.map((each) => ({ ...each, row: rows.get(each.number) as ReportRow })) };
}

async function drawNumbers(population: number, terms: SampleTerms, signal: AbortSignal): Promise<DrawnNumber[]> {
  const drawn: DrawnNumber[] = [];
  for (let number = 1; number <= population; number += 1) {
    take(drawn, number, terms);
    if (number % NUMBERS_AT_A_TIME !== 0) continue;
    await nextTurn();
    signal.throwIfAborted();
  }
  return drawn;
}

/** Takes a number among those drawn if its digest is smaller than one of theirs. */
function take(drawn: DrawnNumber[], number: number, { seed, size }: SampleTerms): void {
  const digest = createHash('sha256').update(`${seed}\n${number}`).digest('hex');
  const last = drawn.at(-1);
  if (drawn.length === size && last && digest > last.digest) return;
  const place = drawn.findIndex((other) => digest < other.digest);
  drawn.splice(place < 0 ? drawn.length : place, 0, { number, digest });
  if (drawn.length > size) drawn.pop();
}
