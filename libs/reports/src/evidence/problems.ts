import type { EvidenceSheet } from '../evidence.js';
import { isOrAre, many } from '../number-words.js';
import type { Counts, Population } from '../report-kind.js';
import type { TenantLog } from './tenant-log.queries.js';

/** What is kept of a report, looked at again once all of it is made. */
export interface KeptReport {
  /** Rows, counted without a hole from the first on. */
  readonly rows: number;
  /** Whether something would follow upon the last one. */
  readonly goesOn: boolean;
}

/** What a sheet is judged by. */
export interface Judged
  extends Pick<
    EvidenceSheet,
    'knownAt' | 'rows' | 'lag' | 'parkedStreams' | 'population' | 'flags' | 'summary' | 'projections' | 'files'
  > {
  readonly log: TenantLog;
  readonly kept: KeptReport;
  /** Connections that the read model has, whether they are listed or not. */
  readonly connections: number;
}

/** Marks of what a kind counts although it should not occur: something that the read model has no row for, sums that do not agree. */
const UNKNOWN = /^unknown/;
const UNBALANCED = /^unbalanced/;

/** What to do where the read model is not what the log makes of it. */
const COMPARE = 'gatebook verify-projections finds the table that differs: rebuild it, then make the report again.';
const RESTORE = 'gatebook verify says more; what the log has lost comes from a backup alone.';
const REINDEX = 'Rebuild the projection events, then make the report again.';
const AGAIN = 'Make the report again.';

/** Says in sentences what makes a report incomplete; none when nothing does. Pure. */
export function problemsOf(judged: Judged): string[] {
  return [
    ...logProblems(judged),
    ...judged.population.flatMap(populationProblems),
    ...flagProblems(judged),
    ...connectionProblems(judged),
    ...projectionProblems(judged),
    ...keptProblems(judged),
    ...fileProblems(judged),
  ];
}

/** Whether rows are missing at the end of a report, or at the end of one of its files. Pure. */
export function isTruncated({ rows, kept, files }: Pick<Judged, 'rows' | 'kept' | 'files'>): boolean {
  return kept.goesOn || kept.rows < rows || files.some((file) => file.rows < rows);
}

function logProblems({ log, knownAt, lag, parkedStreams }: Judged): string[] {
  const { sealed, projected, gaps, missing, missingAtEnd, unlike, unprojected } = log;
  const inside = gaps - missingAtEnd;
  return [
    inside > 0 &&
      `The sealed log lacks ${many(inside, 'event')} of the tenant: ${missing.length < inside ? 'the first missing' : 'missing'} tenant positions are ${missing.join(', ')}. ${RESTORE}`,
    missingAtEnd > 0 &&
      `The sealed log lacks ${many(missingAtEnd, 'line')} at its end, before position ${knownAt}; events of the tenant may be among them. ${RESTORE}`,
    sealed !== projected &&
      `${many(sealed, 'event')} of the tenant ${isOrAre(sealed)} sealed and ${projected} ${isOrAre(projected)} in the index of the read model${unprojected.length > 0 ? `; the first absent positions are ${unprojected.join(', ')}` : ''}. ${REINDEX}`,
    sealed === projected &&
      unlike > 0 &&
      `${many(unlike, 'event')} of the tenant ${isOrAre(unlike)} not in the index of the read model as sealed; the first positions are ${unprojected.join(', ')}. ${REINDEX}`,
    lag > 0 &&
      `The read model had not taken in ${many(lag, 'event')} before position ${knownAt}. Make the report again when it has caught up.`,
    parkedStreams > 0 &&
      `${many(parkedStreams, 'stream')} of the tenant ${isOrAre(parkedStreams)} parked: what happened there may be missing from the rows. See gatebook parked list, mend the cause, and gatebook parked replay.`,
  ].filter((text) => text !== false);
}

function populationProblems({ of, recorded, listed, excluded }: Population): string[] {
  const left = sum(excluded);
  const missing = recorded - listed - left;
  const unknown = Object.entries(excluded).filter(([name, count]) => UNKNOWN.test(name) && count > 0);
  return [
    ...(missing > 0
      ? [
          `Population of ${of}: ${recorded} in the log, ${listed} listed, ${left} excluded for a reason: ${missing} ${isOrAre(missing)} missing. ${COMPARE}`,
        ]
      : missing < 0
        ? [
            `Population of ${of}: ${recorded} in the log, but ${listed} listed and ${left} excluded for a reason: ${-missing} too many. ${COMPARE}`,
          ]
        : []),
    ...unknown.map(
      ([name, count]) =>
        `Population of ${of}: ${count} excluded because something of them is unknown (${name}). ${COMPARE}`,
    ),
  ];
}

function flagProblems({ flags, summary, rows }: Judged): string[] {
  const marks = Object.entries(flags).filter(([, count]) => count > 0);
  return [
    ...marks
      .filter(([name]) => UNKNOWN.test(name))
      .map(
        ([name, count]) =>
          `${count} of ${many(rows, 'row')} ${count === 1 ? 'rests' : 'rest'} on something unknown (${name}). ${COMPARE}`,
      ),
    ...marks
      .filter(([name]) => UNBALANCED.test(name))
      .map(([name, count]) => `Control totals do not balance (${name}: ${count}). ${COMPARE}`),
    ...Object.entries(summary)
      .filter(([name, value]) => UNBALANCED.test(name) && value !== false && value !== 0 && value !== null)
      .map(([name, value]) => `Control totals do not balance (${name}: ${String(value)}). ${COMPARE}`),
  ];
}

function connectionProblems({ log, connections }: Judged): string[] {
  if (log.connections === connections) return [];
  return [
    `The log has ${many(log.connections, 'connection')} of the tenant, the read model ${connections}: when its sources were last heard of is not known of all. ${COMPARE}`,
  ];
}

function projectionProblems({ projections }: Judged): string[] {
  return projections
    .filter(({ differences }) => differences !== null && differences > 0)
    .map(
      ({ projection, version, differences, verifiedAt }) =>
        `The projection ${projection}@${version} differed from the log in ${many(differences ?? 0, 'row')} when it was last compared (${verifiedAt}). Rebuild and verify it, then make the report again.`,
    );
}

function keptProblems({ rows, kept }: Judged): string[] {
  return [
    kept.goesOn && `The report breaks off: upon the last of its ${many(rows, 'row')} more would follow. ${AGAIN}`,
    kept.rows !== rows &&
      `${many(kept.rows, 'row')} of the report ${isOrAre(kept.rows)} kept, and ${rows} were gathered. ${AGAIN}`,
  ].filter((text) => text !== false);
}

function fileProblems({ files, rows }: Judged): string[] {
  return files
    .filter((file) => file.rows !== rows)
    .map((file) => `The file ${file.name} has ${many(file.rows, 'row')}, the report ${rows}. ${AGAIN}`);
}

const sum = (counts: Counts): number => Object.values(counts).reduce((total, count) => total + count, 0);
