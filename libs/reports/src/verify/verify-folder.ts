import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceSheet } from '../evidence.js';
import { many } from '../number-words.js';
import { checkDataFile } from './check-data-file.js';
import { type CheckedExport, checkExport } from './check-export.js';
import { checkExports } from './check-exports.js';
import { checkSheet, isToldIncomplete } from './check-sheet.js';
import { checkVouched, isAnchored, type Looked } from './check-vouched.js';
import { digestOf } from './file-digest.js';
import { Finding } from './finding.js';
import type { ReportRecord } from './report-record.js';
import { readSheet } from './sheet-file.js';
import { type Check, type FolderVerdict, fails, plain, type TrustedHashes } from './verdict.js';

/** The sheet that everything else is checked against, and its page for people. */
const SHEET = 'evidence.json';
const PAGE = 'evidence.html';

/** Parts of an exported log, beside the files of the report. */
const EXPORT = /\.ndjson$/;

/** Most parts of a log that one folder may hold. */
const MOST_EXPORTS = 1_000;

/** Most names that nobody knows are told one by one. */
const MOST_STRANGERS = 20;

/**
 * Verifies a folder with the files of a report and its evidence sheet, and parts of the exported log if it has any: presence, lengths,
 * hashes, rows, sums, gaps, and that nothing else lies there (names that begin with a dot are passed over). Needs no server; memory stays
 * small however long the files are.
 * A folder can only be held against itself: that its sheet is the one that was made, follows from a hash that came another way.
 * @param trusted such hashes; without any, the best verdict is `consistent`
 */
export async function verifyFolder(folder: string, trusted: TrustedHashes = {}): Promise<FolderVerdict> {
  if (!(await isFolder(folder))) return undecided('report', `There is no folder ${folder}.`);
  const sheet = await readSheet(join(folder, SHEET));
  const digest = await digestOf(join(folder, SHEET));
  if (!sheet || !digest)
    return undecided(
      SHEET,
      digest ? 'It is not an evidence sheet.' : 'The folder has no such file; without it nothing can be judged.',
    );
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  const files: Check[] = [];
  for (const file of sheet.files) files.push(...(await checkDataFile(folder, file, sheet)));
  const log = await checkLog(folder, names, sheet);
  const said = checkSheet(sheet);
  const vouched = { folder, sheet, sheetSha256: digest.sha256, names, record: log.record, trusted };
  const outside = await checkVouched(vouched);
  const checks = [...said.checks, ...files, ...log.checks, ...outside.checks, ...strangers(names, sheet, log.record)];
  const best = isAnchored(vouched) ? 'valid' : 'consistent';
  const failed = checks.filter(({ holds }) => !holds);
  const told = isToldIncomplete(sheet) && failed.every((one) => said.checks.includes(one));
  return {
    verdict: failed.length === 0 ? best : told ? 'incomplete' : 'invalid',
    report: reportOf(sheet),
    sheetSha256: digest.sha256,
    recorded: log.record !== null,
    checks,
    unchecked: [...said.unchecked, ...log.unchecked, ...outside.unchecked],
  };
}

function reportOf({ report, kind, tenant, from, asOf, knownAt, rows }: EvidenceSheet): FolderVerdict['report'] {
  const named = { id: plain(report), kind: plain(kind), tenant: plain(tenant) };
  return { ...named, from: from === null ? null : plain(from), asOf: plain(asOf), knownAt, rows };
}

const undecided = (about: string, says: string): FolderVerdict => ({
  verdict: 'undecided',
  report: null,
  sheetSha256: null,
  recorded: false,
  checks: [fails(about, says)],
  unchecked: [],
});

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (one) => one.isDirectory(),
    () => false,
  );

/** What a log in a folder came to. */
interface CheckedLog extends Looked {
  readonly record: ReportRecord | null;
}

async function checkLog(folder: string, all: readonly string[], sheet: EvidenceSheet): Promise<CheckedLog> {
  const names = all.filter((name) => EXPORT.test(name));
  if (names.length > MOST_EXPORTS)
    return {
      checks: [fails('report', `More than ${MOST_EXPORTS} parts of a log are not looked at.`)],
      unchecked: [],
      record: null,
    };
  const exports: CheckedExport[] = [];
  const found = new Finding(sheet);
  for (const name of names) exports.push(await checkPart(folder, name, found));
  const together = checkExports(sheet, exports, found.counts);
  const checks = [...exports.flatMap((one) => one.checks), ...together.checks, ...found.checks()];
  return { checks, unchecked: together.unchecked, record: found.record };
}

/** Only a file is read: a pipe would never end, a folder cannot be. */
async function checkPart(folder: string, name: string, found: Finding): Promise<CheckedExport> {
  const path = join(folder, name);
  const isFile = await stat(path).then(
    (one) => one.isFile(),
    () => false,
  );
  if (!isFile) return { name, manifest: null, checks: [fails(name, 'It is not a file.')] };
  return checkExport(path, name, found.of(name));
}

/** Something that was never made, under a name that looks as if it was, would be taken for a part of the report. */
function strangers(names: readonly string[], { files }: EvidenceSheet, record: ReportRecord | null): Check[] {
  const known = new Set([SHEET, PAGE, ...files.map(({ name }) => name), ...(record?.files.keys() ?? [])]);
  const unknown = names.filter((name) => !known.has(name) && !EXPORT.test(name));
  const told = unknown
    .slice(0, MOST_STRANGERS)
    .map((name) => fails(name, 'The sheet does not know it. Keep it elsewhere: it is no part of this report.'));
  const more = unknown.length - told.length;
  return more > 0 ? [...told, fails('report', `The sheet does not know ${many(more, 'more file')}.`)] : told;
}
