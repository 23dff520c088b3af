import { join } from 'node:path';
import type { EvidenceSheet } from '../evidence.js';
import { digestOf } from './file-digest.js';
import type { ReportRecord } from './report-record.js';
import { type Check, check, fails, type TrustedHashes, type Unchecked, unchecked } from './verdict.js';

const SHEET = 'evidence.json';
const PAGE = 'evidence.html';

/** A folder and what is known of it by now. */
export interface VouchedFolder {
  readonly folder: string;
  readonly sheet: EvidenceSheet;
  readonly sheetSha256: string;
  /** Names of everything in it. */
  readonly names: readonly string[];
  /** What the log in it tells of the report; null if nothing. */
  readonly record: ReportRecord | null;
  readonly trusted: TrustedHashes;
}

/** What looking came to, and what could not be looked at. */
export interface Looked {
  readonly checks: readonly Check[];
  readonly unchecked: readonly Unchecked[];
}

/** Compares the files with what vouches for them from outside the sheet: the log in the folder, and hashes that were given. */
export async function checkVouched(folder: VouchedFolder): Promise<Looked> {
  const { trusted, record } = folder;
  const given = Object.entries(trusted.files ?? {});
  return {
    checks: [
      ...(await checkRecorded(folder)),
      ...(await Promise.all(given.map(([name, sha256]) => checkGiven(folder, name, sha256)))),
      ...(trusted.record === undefined ? [] : [checkRecord(record, trusted.record)]),
    ],
    unchecked: pageIsVouchedFor(folder)
      ? []
      : [
          unchecked(
            PAGE,
            'No hash of it is at hand, so it may say anything. Go by evidence.json, or fetch the log besides.',
          ),
        ],
  };
}

/** Whether a hash from outside the folder vouches for the sheet, and so for the files that it lists. */
export const isAnchored = ({ trusted, record }: Pick<VouchedFolder, 'trusted' | 'record'>): boolean =>
  trusted.files?.[SHEET] !== undefined || (trusted.record !== undefined && record !== null);

/** The log knows the hash of each file, of the sheet and of its page. */
async function checkRecorded({ folder, sheet, sheetSha256, names, record }: VouchedFolder): Promise<Check[]> {
  if (!record) return [];
  const own = new Map([...sheet.files.map(({ name, sha256 }) => [name, sha256] as const), [SHEET, sheetSha256]]);
  const beside = [...record.files.keys()].filter((name) => !own.has(name) && names.includes(name));
  for (const name of beside) own.set(name, (await digestOf(join(folder, name)))?.sha256 ?? '');
  return [...own].map(([name, sha256]) => {
    const recorded = record.files.get(name);
    const otherwise = recorded
      ? 'The log recorded another SHA-256 when the report was made.'
      : 'The log knows no such file of the report.';
    return check(name, recorded === sha256, 'Its SHA-256 is the one that the log recorded.', otherwise);
  });
}

async function checkGiven({ folder, names }: VouchedFolder, name: string, sha256: string): Promise<Check> {
  const found = names.includes(name) ? await digestOf(join(folder, name)) : null;
  if (!found) return fails(name, 'It is not in the folder, although its SHA-256 came from outside the folder.');
  const otherwise = `Its SHA-256 is ${found.sha256}; the one that came from outside the folder is ${sha256}: it is not the file that was made.`;
  return check(
    name,
    found.sha256 === sha256,
    `Its SHA-256 is the one that came from outside the folder, ${sha256}.`,
    otherwise,
  );
}

function checkRecord(record: ReportRecord | null, hash: string): Check {
  if (!record)
    return fails(
      'report',
      'A hash of its event ReportGenerated came from outside the folder, and no exported log in the folder has that event. Fetch the log besides.',
    );
  const otherwise = `The hash of its event ReportGenerated is ${record.hash}; the one that came from outside the folder is ${hash}: the log in the folder is not what was sealed.`;
  return check(
    'report',
    record.hash === hash,
    `The hash of its event ReportGenerated is the one that came from outside the folder, ${hash}.`,
    otherwise,
  );
}

function pageIsVouchedFor({ names, record, trusted }: VouchedFolder): boolean {
  return !names.includes(PAGE) || (record?.files.has(PAGE) ?? false) || trusted.files?.[PAGE] !== undefined;
}
