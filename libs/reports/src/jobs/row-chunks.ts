import type { Queryable } from '#libs/database';
import type { ReportRow } from '../column.js';
import { pack, unpack } from './packing.js';

/** Rows that are read together: few enough to be forgotten before the next ones come, so that memory stays low. */
const ROWS_AT_A_TIME = 250;

/** Rows as they are kept: one line of JSON each. */
export function linesOf(rows: readonly ReportRow[]): Buffer {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** Lines as they are stored. */
export function packLines(lines: readonly Buffer[]): Buffer {
  return pack(Buffer.concat(lines));
}

/**
 * The rows that a job has gathered, in their order, some at a time: what every file of the report is made from.
 * @throws {Error} when one of them is missing, since a report is whole or none
 */
export async function* readRows(database: Queryable, job: string): AsyncGenerator<readonly ReportRow[]> {
  const { rows: jobs } = await database.query<{ chunks: number }>('select chunks from reports.jobs where id = $1', [
    job,
  ]);
  const chunks = jobs[0]?.chunks ?? 0;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const { rows } = await database.query<{ data: Buffer }>({
      name: 'reports.row_chunk',
      text: 'select data from reports.row_chunks where job = $1 and chunk = $2',
      values: [job, chunk],
    });
    if (!rows[0]) throw new Error(`Rows of the report are missing (report: ${job}, chunk: ${chunk}).`);
    yield* rowsIn(rows[0].data);
  }
}

/** Each line is read by itself: cut from one long text, every one of them would keep the whole of it. */
function* rowsIn(packed: Buffer): Generator<readonly ReportRow[]> {
  let rows: ReportRow[] = [];
  for (const line of linesIn(packed)) {
    rows.push(JSON.parse(line) as ReportRow);
    if (rows.length < ROWS_AT_A_TIME) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** A row by its place. */
export interface NumberedRow {
  /** The first row of a report is 1. */
  readonly number: number;
  readonly row: ReportRow;
}

/**
 * Some of the rows that a job has gathered, by their numbers, in ascending order. Reads only the chunks that have them, each once.
 * @param numbers from 1 on, ascending
 * @throws {Error} when one of them is missing
 */
export async function* readRowsAt(
  database: Queryable,
  job: string,
  numbers: readonly number[],
): AsyncGenerator<NumberedRow> {
  let chunk: { readonly through: number; readonly lines: readonly string[] } = { through: 0, lines: [] };
  for (const number of numbers) {
    if (number > chunk.through) chunk = await chunkWith(database, job, number);
    const line = chunk.lines[number - 1 - (chunk.through - chunk.lines.length)];
    if (line === undefined) throw new Error(`A row of the report is missing (report: ${job}, row: ${number}).`);
    yield { number, row: JSON.parse(line) as ReportRow };
  }
}

async function chunkWith(database: Queryable, job: string, number: number) {
  const { rows } = await database.query<{ through: number; data: Buffer }>({
    name: 'reports.row_chunk_with',
    text: `select c.through, c.data from reports.row_chunks c join reports.jobs j on j.id = c.job and c.chunk < j.chunks
           where c.job = $1 and c.through >= $2 order by c.through limit 1`,
    values: [job, number],
  });
  if (!rows[0]) throw new Error(`Rows of the report are missing (report: ${job}, row: ${number}).`);
  return { through: rows[0].through, lines: [...linesIn(rows[0].data)] };
}

function* linesIn(packed: Buffer): Generator<string> {
  const bytes = unpack(packed);
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf('\n', at);
    const end = found < 0 ? bytes.length : found;
    yield bytes.toString('utf8', at, end);
    at = end + 1;
  }
}
