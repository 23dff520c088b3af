import type { EvidenceSheet } from '../evidence.js';
import type { Counts, Population } from '../report-kind.js';
import type { TenantLog } from './tenant-log.queries.js';

/** What a sheet is judged by. */
export interface Judged
  extends Pick<
    EvidenceSheet,
    'knownAt' | 'rows' | 'lag' | 'parkedStreams' | 'population' | 'flags' | 'summary' | 'projections' | 'files'
  > {
  readonly log: TenantLog;
}

/** Marks of what a kind counts although it should not occur: something that the read model has no row for, sums that do not agree. */
const UNKNOWN = /^unknown/;
const UNBALANCED = /^unbalanced/;

/** Says in sentences what makes a report incomplete; none when nothing does. Pure. */
export function problemsOf(judged: Judged): string[] {
  return [
    ...logProblems(judged),
    ...judged.population.flatMap(populationProblems),
    ...flagProblems(judged),
    ...projectionProblems(judged),
    ...fileProblems(judged),
  ];
}

function logProblems({ log, knownAt, lag, parkedStreams }: Judged): string[] {
  const { sealed, projected, gaps, missing, missingAtEnd, unlike, unprojected } = log;
  const inside = gaps - missingAtEnd;
  return [
    inside > 0 &&
      `The sealed log lacks ${many(inside, 'event')} of the tenant: ${missing.length < inside ? 'the first missing' : 'missing'} tenant positions are ${missing.join(', ')}.`,
    missingAtEnd > 0 &&
      `The sealed log lacks ${many(missingAtEnd, 'line')} at its end, before position ${knownAt}; events of the tenant may be among them.`,
    sealed !== projected &&
      `${many(sealed, 'event')} of the tenant ${sealed === 1 ? 'is' : 'are'} sealed and ${projected} ${projected === 1 ? 'is' : 'are'} in the index of the read model${unprojected.length > 0 ? `; the first absent positions are ${unprojected.join(', ')}` : ''}.`,
    sealed === projected &&
      unlike > 0 &&
      `${many(unlike, 'event')} of the tenant ${unlike === 1 ? 'is' : 'are'} not in the index of the read model as sealed; the first positions are ${unprojected.join(', ')}. Rebuild the projection events, then make the report again.`,
    lag > 0 &&
      `The read model had not taken in ${many(lag, 'event')} before position ${knownAt}. Make the report again when it has caught up.`,
    parkedStreams > 0 &&
      `${many(parkedStreams, 'stream')} of the tenant ${parkedStreams === 1 ? 'is' : 'are'} parked: what happened there may be missing from the rows. See gatebook parked list.`,
  ].filter((text) => text !== false);
}

function populationProblems({ of, recorded, listed, excluded }: Population): string[] {
  const left = sum(excluded);
  const missing = recorded - listed - left;
  const unknown = Object.entries(excluded).filter(([name, count]) => UNKNOWN.test(name) && count > 0);
  return [
    ...(missing > 0
      ? [
          `The log has ${recorded} ${of}; ${listed} are listed and ${left} excluded for a reason: ${missing} are missing.`,
        ]
      : missing < 0
        ? [`The log has ${recorded} ${of}, but ${listed} are listed and ${left} excluded: ${-missing} too many.`]
        : []),
    ...unknown.map(
      ([name, count]) => `${count} of the ${of} are excluded because something of them is unknown (${name}).`,
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
          `${count} of ${many(rows, 'row')} ${count === 1 ? 'rests' : 'rest'} on something unknown (${name}).`,
      ),
    ...marks
      .filter(([name]) => UNBALANCED.test(name))
      .map(([name, count]) => `Control totals do not balance (${name}: ${count}).`),
    ...Object.entries(summary)
      .filter(([name, value]) => UNBALANCED.test(name) && value !== false && value !== 0 && value !== null)
      .map(([name, value]) => `Control totals do not balance (${name}: ${String(value)}).`),
  ];
}

function projectionProblems({ projections }: Judged): string[] {
  return projections
    .filter(({ differences }) => differences > 0)
    .map(
      ({ projection, version, differences, verifiedAt }) =>
        `The projection ${projection}@${version} differed from the log in ${many(differences, 'row')} when it was last compared (${verifiedAt}). Rebuild and verify it, then make the report again.`,
    );
}

function fileProblems({ files, rows }: Judged): string[] {
  return files
    .filter((file) => file.rows !== rows)
    .map((file) => `The file ${file.name} has ${many(file.rows, 'row')}, the report ${rows}.`);
}

const sum = (counts: Counts): number => Object.values(counts).reduce((total, count) => total + count, 0);

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
