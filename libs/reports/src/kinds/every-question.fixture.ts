import type { SealedEvent } from '#libs/kernel';
import { askedOf } from '../events/told-history.fixture.js';
import type { FilterName, Question, ReportFilter } from '../question.js';
import type { ReportKind } from '../report-kind.js';
import { REPORTS } from './index.js';

/** Conditions for which a report has to know more than it shows. */
const FILTERS: readonly ReportFilter[] = [
  { application: 'prod' },
  { privileged: true },
  { directory: 'staff' },
  { department: 'Research' },
];

const takes = ({ filters }: ReportKind, filter: ReportFilter): boolean =>
  Object.keys(filter).every((name) => filters.includes(name as FilterName));

/** Every kind with each question that it is asked about a history: at each of some moments, and under each condition that it takes. */
export function everyQuestion(
  history: readonly SealedEvent[],
  moments: readonly Partial<Question>[],
): readonly { readonly kind: ReportKind; readonly question: Question }[] {
  return [...REPORTS.values()].flatMap((kind) => {
    const conditions = FILTERS.filter((filter) => takes(kind, filter)).map((filter) => ({ filter }));
    return [...moments, ...conditions].map((over) => ({ kind, question: askedOf(history, over) }));
  });
}
