import type { EvidenceSheet } from '../evidence.js';
import type { Population } from '../report-kind.js';
import { type Check, check, fails, holds } from './verdict.js';

const SHEET = 'evidence.json';

/** Checks what a sheet says of its report, and that it does not contradict itself. */
export function checkSheet(sheet: EvidenceSheet): Check[] {
  const { gaps, truncated, events, lag, parkedStreams, positions, knownAt } = sheet;
  return [
    check(
      SHEET,
      gaps === 0,
      'No gaps among the positions of the tenant.',
      `The log that it rests on has ${gaps} gaps.`,
    ),
    check(SHEET, truncated === false, 'Nothing was cut off.', 'The report was cut off.'),
    check(
      SHEET,
      events.sealed === events.projected,
      `All ${events.sealed} sealed events of the tenant were taken into account.`,
      `${events.sealed} events are sealed, ${events.projected} were taken into account.`,
    ),
    check(
      SHEET,
      lag === 0 && parkedStreams === 0,
      'Nothing was behind or parked.',
      `The read model was ${lag} events behind, ${parkedStreams} streams were parked.`,
    ),
    check(
      SHEET,
      positions.through === knownAt,
      `It covers the log up to position ${knownAt}.`,
      `It is known at ${knownAt} and covers the log up to ${positions.through}.`,
    ),
    ...sheet.population.map(checkPopulation),
    ...checkFiles(sheet),
    ...checkCompleteness(sheet),
  ];
}

function checkPopulation({ of, recorded, listed, excluded }: Population): Check {
  const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  const sum = `${recorded} ${of} on record, ${listed} listed, ${left} excluded`;
  return check(SHEET, recorded === listed + left, `${sum}: they add up.`, `${sum}: they do not add up.`);
}

function checkFiles({ files, rows }: EvidenceSheet): Check[] {
  const odd = files.filter((file) => file.rows !== rows);
  return [
    check(
      SHEET,
      odd.length === 0,
      `Each file is listed with ${rows} rows.`,
      `The report has ${rows} rows; ${odd.map(({ name }) => name).join(', ')} not.`,
    ),
  ];
}

function checkCompleteness({ complete, problems }: EvidenceSheet): Check[] {
  if (complete && problems.length === 0) return [holds(SHEET, 'It found nothing wrong when the report was made.')];
  if (problems.length === 0) return [fails(SHEET, 'It calls the report incomplete and does not say why.')];
  if (complete) return [fails(SHEET, 'It calls the report complete and lists problems.')];
  return problems.map((problem) => fails(SHEET, problem));
}
