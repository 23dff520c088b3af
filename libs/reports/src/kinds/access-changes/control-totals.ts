import { rolesAsOf } from '#libs/read-model';
import type { Cell } from '../../column.js';
import { countsUnder } from '../../histories/tally.js';
import type { Question } from '../../question.js';
import type { Counts, ReportSource } from '../../report-kind.js';
import { isRoleAskedFor } from '../access/grant-standing.js';
import { totalsByRole } from './control-totals.queries.js';

/** Where grants are counted whose role the catalogue lacks; no application has this name. */
const UNKNOWN = '(unknown)';

/** Name under which gained and lost grants of an application are counted. */
export const movementName = (change: 'gained' | 'lost', application: string | undefined): string =>
  `${change}.${application ?? UNKNOWN}`;

/** Figures of an application, or of all of them. */
export interface ControlTotals {
  readonly opening: number;
  readonly gained: number;
  readonly lost: number;
  readonly closing: number;
}

/** Whether what was there, what came and what went makes what is there. */
export const isBalanced = ({ opening, gained, lost, closing }: ControlTotals): boolean =>
  opening + gained - lost === closing;

/**
 * Control totals: what counted at the beginning and at the end of the period is counted from what stood at these instants, what was gained
 * and lost from the rows, so that a change that is missing shows. By application, as of the end of the period, and over all. Of what took
 * effect by the beginning and was recorded after it, which the opening knows and no row tells, there is a number.
 */
export async function balanceOf(
  { database }: Pick<ReportSource, 'database'>,
  question: Question,
  listed: { readonly counts: Counts },
): Promise<Readonly<Record<string, Cell>>> {
  const standing = await standingByApplication(database, question);
  const [gained, lost] = [countsUnder(listed.counts, 'gained.'), countsUnder(listed.counts, 'lost.')];
  const applications = [...new Set([...standing.keys(), ...Object.keys(gained), ...Object.keys(lost)])].sort();
  const totals = applications.map((application) => ({
    ...(standing.get(application) ?? { opening: 0, closing: 0 }),
    gained: gained[application] ?? 0,
    lost: lost[application] ?? 0,
  }));
  return {
    ...totals.reduce<ControlTotals>(sum, { opening: 0, gained: 0, lost: 0, closing: 0 }),
    unbalancedApplications: totals.filter((one) => !isBalanced(one)).length,
    recordedLate: listed.counts['recordedLate'] ?? 0,
    ...Object.fromEntries(applications.map((name, index) => [`of ${name}`, inWords(totals[index] as ControlTotals)])),
  };
}

const sum = (a: ControlTotals, b: ControlTotals): ControlTotals => ({
  opening: a.opening + b.opening,
  gained: a.gained + b.gained,
  lost: a.lost + b.lost,
  closing: a.closing + b.closing,
});

const inWords = (totals: ControlTotals): string => {
  const { opening, gained, lost, closing } = totals;
  return `${opening} + ${gained} gained − ${lost} lost ${isBalanced(totals) ? '=' : '≠'} ${closing}`;
};

async function standingByApplication(database: ReportSource['database'], question: Question) {
  const totals = await totalsByRole(database, question);
  const roles = await rolesAsOf(
    database,
    question,
    totals.map(({ role }) => role),
  );
  const standing = new Map<string, Pick<ControlTotals, 'opening' | 'closing'>>();
  for (const { role: id, opening, closing } of totals) {
    const role = roles.get(id);
    if (!isRoleAskedFor(role, question.filter)) continue;
    const name = role?.application ?? UNKNOWN;
    const before = standing.get(name) ?? { opening: 0, closing: 0 };
    standing.set(name, { opening: before.opening + opening, closing: before.closing + closing });
  }
  return standing;
}
