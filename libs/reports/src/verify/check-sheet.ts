import type { EvidenceSheet } from '../evidence.js';
import { many } from '../number-words.js';
import type { Population } from '../report-kind.js';
import type { Looked } from './check-vouched.js';
import { type Check, check, fails, holds, unchecked } from './verdict.js';

const SHEET = 'evidence.json';

/** Checks what a sheet says of its report, and that it does not contradict itself. */
export function checkSheet(sheet: EvidenceSheet): Looked {
  const projections = checkProjections(sheet);
  const seen = [
    ...sheet.population.map(checkPopulation),
    ...checkLogSeen(sheet),
    ...checkFiles(sheet),
    ...projections.checks,
  ];
  // what a sheet admits is said once, in its own words
  const told = isToldIncomplete(sheet) ? seen.filter(({ holds }) => holds) : seen;
  return { checks: [...told, ...checkCompleteness(sheet)], unchecked: projections.unchecked };
}

/** Whether a sheet says by itself that its report is not complete, and why. */
export const isToldIncomplete = ({ complete, problems }: EvidenceSheet): boolean => !complete && problems.length > 0;

/** What the report saw of the log. */
function checkLogSeen(sheet: EvidenceSheet): Check[] {
  const { gaps, truncated, events, lag, parkedStreams, positions, knownAt } = sheet;
  return [
    check(
      SHEET,
      gaps === 0,
      'No gaps among the positions of the tenant.',
      `The log that it rests on has ${many(gaps, 'gap')}.`,
    ),
    check(SHEET, truncated === false, 'Nothing was cut off.', 'The report was cut off.'),
    check(
      SHEET,
      events.sealed === events.projected,
      `Events of the tenant: ${events.sealed} sealed, none of them left out.`,
      `Events of the tenant: ${events.sealed} sealed, ${events.projected} taken into account.`,
    ),
    check(
      SHEET,
      lag === 0 && parkedStreams === 0,
      'Nothing was behind or parked.',
      `The read model was ${many(lag, 'event')} behind and had ${many(parkedStreams, 'parked stream')}.`,
    ),
    check(
      SHEET,
      positions.through === knownAt,
      `It covers the log up to position ${knownAt}.`,
      `It is known at ${knownAt} and covers the log up to ${positions.through}.`,
    ),
  ];
}

function checkPopulation({ of, recorded, listed, excluded }: Population): Check {
  const left = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  const sum = `Population of ${of}: ${recorded} in the log, ${listed} listed, ${left} excluded`;
  return check(SHEET, recorded === listed + left, `${sum}, which adds up.`, `${sum}, which does not add up.`);
}

/** One that was never compared proves nothing, and is no fault. */
function checkProjections({ projections }: EvidenceSheet): Looked {
  const compared = projections.filter(({ differences }) => differences !== null);
  const odd = compared.filter(({ differences }) => differences !== 0);
  if (projections.length === 0) return { checks: [], unchecked: [] };
  if (compared.length === 0) {
    const says = `Of ${many(projections.length, 'projection')}, none had been compared with the log by then; gatebook verify-projections does.`;
    return { checks: [], unchecked: [unchecked(SHEET, says)] };
  }
  const outcome = check(
    SHEET,
    odd.length === 0,
    `Compared with the log by then: ${compared.length} of ${many(projections.length, 'projection')}; none differed.`,
    `Projections that differed from the log when they were last compared: ${odd.map(({ projection }) => projection).join(', ')}.`,
  );
  return { checks: [outcome], unchecked: [] };
}

function checkFiles({ files, rows }: EvidenceSheet): Check[] {
  const odd = files.filter((file) => file.rows !== rows);
  return [
    check(
      SHEET,
      odd.length === 0,
      `Each file is listed with ${many(rows, 'row')}.`,
      `The report has ${many(rows, 'row')}; listed otherwise: ${odd.map((file) => `${file.name} with ${file.rows}`).join(', ')}.`,
    ),
  ];
}

function checkCompleteness({ complete, problems }: EvidenceSheet): Check[] {
  if (complete && problems.length === 0) return [holds(SHEET, 'It found nothing wrong when the report was made.')];
  if (problems.length === 0) return [fails(SHEET, 'It calls the report incomplete and does not say why.')];
  if (complete) return [fails(SHEET, 'It calls the report complete and lists problems.')];
  return problems.map((problem) => fails(SHEET, problem));
}
