import { join } from 'node:path';
import type { EvidenceFile, EvidenceSheet } from '../evidence.js';
import { many } from '../number-words.js';
import { csvRecords } from './csv-records.js';
import { digestOf, textOf } from './file-digest.js';
import { jsonRows } from './json-rows.js';
import { type Check, check, fails, holds } from './verdict.js';

/** What was counted in the rows of a file. */
interface Counted {
  readonly rows: number;
  /** Rows by application; null where the report has no such column. */
  readonly applications: ReadonlyMap<string, number> | null;
}

/** Checks a data file against its sheet: that it is there, its length, its hash, and, where its format can be read here, its rows. */
export async function checkDataFile(folder: string, file: EvidenceFile, sheet: EvidenceSheet): Promise<Check[]> {
  const path = join(folder, file.name);
  const digest = await digestOf(path);
  if (!digest) return [fails(file.name, 'The sheet lists it, and it is not in the folder.')];
  const { bytes, sha256 } = digest;
  return [
    check(
      file.name,
      bytes === file.bytes,
      `It has ${many(bytes, 'byte')}.`,
      `It has ${many(bytes, 'byte')}; the sheet says ${file.bytes}.`,
    ),
    check(
      file.name,
      sha256 === file.sha256,
      `SHA-256 ${sha256}.`,
      `Its SHA-256 is ${sha256}; the sheet says ${file.sha256}: it was changed.`,
    ),
    ...(await checkRows(path, file, sheet)),
  ];
}

async function checkRows(path: string, file: EvidenceFile, sheet: EvidenceSheet): Promise<Check[]> {
  const count = COUNTING.find(([ending]) => file.name.endsWith(ending))?.[1];
  if (!count) return [holds(file.name, 'Its rows are not counted here; its hash vouches for them.')];
  try {
    const counted = await count(path);
    const wanted = sheet.rows;
    return [
      check(
        file.name,
        counted.rows === wanted,
        `It has ${many(counted.rows, 'row')}.`,
        `It has ${many(counted.rows, 'row')}; the sheet says ${wanted}.`,
      ),
      ...checkApplications(file, counted, sheet),
    ];
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return [fails(file.name, 'It cannot be read as what its name says.')];
  }
}

/** The control totals, counted anew. */
function checkApplications(
  { name }: EvidenceFile,
  { applications: found }: Counted,
  { applications }: EvidenceSheet,
): Check[] {
  const totals = Object.entries(applications);
  if (found === null || totals.length === 0) return [];
  const differing = totals.filter(([application, rows]) => (found.get(application) ?? 0) !== rows);
  const [first] = differing;
  const otherwise = first
    ? `It has ${many(found.get(first[0]) ?? 0, 'row')} of the application ${first[0]}; the sheet says ${first[1]}.${differing.length > 1 ? ` Applications that differ: ${differing.length}.` : ''}`
    : '';
  return [
    check(
      name,
      differing.length === 0,
      `Its rows agree with the control totals of ${many(totals.length, 'application')}.`,
      otherwise,
    ),
  ];
}

async function countCsv(path: string): Promise<Counted> {
  let column = -1;
  const tally = new Tally();
  let isHead = true;
  for await (const cells of csvRecords(textOf(path))) {
    if (isHead) column = cells.indexOf('application');
    else tally.row(column < 0 ? undefined : cells[column]);
    isHead = false;
  }
  return tally.counted(column >= 0);
}

async function countJson(path: string): Promise<Counted> {
  const tally = new Tally();
  let hasColumn = false;
  for await (const row of jsonRows(textOf(path))) {
    hasColumn ||= 'application' in row;
    tally.row(row['application']);
  }
  return tally.counted(hasColumn);
}

const COUNTING: readonly (readonly [string, (path: string) => Promise<Counted>])[] = [
  ['.csv', countCsv],
  ['.json', countJson],
];

class Tally {
  #rows = 0;
  readonly #applications = new Map<string, number>();

  row(application: unknown): void {
    this.#rows += 1;
    if (typeof application === 'string')
      this.#applications.set(application, (this.#applications.get(application) ?? 0) + 1);
  }

  counted(hasColumn: boolean): Counted {
    return { rows: this.#rows, applications: hasColumn ? this.#applications : null };
  }
}
