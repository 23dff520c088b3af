import { endOfDay } from '../instants.js';
import type { FilterName, Question, ReportFilter } from '../question.js';
import type { ReportKind } from '../report-kind.js';
import {
  DateInFutureError,
  FilterNotTakenError,
  FromAfterToError,
  KnownAtBeyondLogError,
  NotAboutPeriodError,
  PersonalFilterError,
  TwoEndsError,
} from './reports.errors.js';

/**
 * What somebody asks for. Moments are instants (ISO-8601 UTC with milliseconds), or calendar days (`YYYY-MM-DD`), which stand for their
 * ends.
 */
export interface AskedQuestion {
  readonly asOf?: string | undefined;
  readonly from?: string | undefined;
  /** Another word for the `asOf` of a period. */
  readonly to?: string | undefined;
  readonly knownAt?: number | undefined;
  readonly filter: ReportFilter;
}

/** What a question is completed from. */
export interface QuestionGround {
  readonly kind: Pick<ReportKind, 'kind' | 'about' | 'filters'>;
  readonly tenant: string;
  /** IANA name of the zone that days are counted in. */
  readonly timeZone: string;
  /** ISO-8601 UTC with milliseconds. */
  readonly now: string;
  /** Position that is known, where the question names none. */
  readonly position: number;
  /** Last position of the sealed log; −1 for an empty one. */
  readonly sealed: number;
  /** Whether who asks may see personal data. */
  readonly personal: boolean;
  /**
   * Whether a period may end where it begins. Nothing can be in it, so a report of it looks like a clean one; default false.
   */
  readonly mayBeEmpty?: boolean | undefined;
}

/** Conditions that tell something about people. */
const PERSONAL_FILTERS: ReadonlySet<FilterName> = new Set(['department']);

/**
 * Completes a question, so that nothing of it depends on when it is answered.
 * @throws {DateInFutureError | FromAfterToError | TwoEndsError | NotAboutPeriodError} for moments that make no question
 * @throws {KnownAtBeyondLogError}
 * @throws {FilterNotTakenError | PersonalFilterError}
 */
export function questionOf(asked: AskedQuestion, ground: QuestionGround): Question {
  const { kind, tenant, timeZone, personal } = ground;
  const filter = filterOf(asked.filter, ground);
  if (kind.about === 'instant' && (asked.from ?? asked.to) !== undefined) throw new NotAboutPeriodError(kind.kind);
  const [asOf, from, to] = (['asOf', 'from', 'to'] as const).map((field) => momentOf(field, asked[field], ground));
  if (asOf !== undefined && to !== undefined && asOf !== to) throw new TwoEndsError();
  const end = asOf ?? to ?? ground.now;
  if (from !== undefined && (from > end || (from === end && !ground.mayBeEmpty))) throw new FromAfterToError(from, end);
  const knownAt = asked.knownAt ?? ground.position;
  if (knownAt > ground.sealed) throw new KnownAtBeyondLogError(knownAt, ground.sealed);
  return { tenant, asOf: end, from: from ?? null, knownAt, timeZone, filter, personal };
}

function momentOf(
  field: string,
  moment: string | undefined,
  { timeZone, now }: Pick<QuestionGround, 'timeZone' | 'now'>,
): string | undefined {
  if (moment === undefined) return undefined;
  const instant = moment.length === 10 ? endOfDay(moment, timeZone) : moment;
  if (instant > now) throw new DateInFutureError(field, moment, timeZone);
  return instant;
}

/** Only what was asked, so that equal questions look equal. */
function filterOf(asked: ReportFilter, { kind, personal }: Pick<QuestionGround, 'kind' | 'personal'>): ReportFilter {
  const named = Object.entries(asked).filter(([, value]) => value !== undefined && value !== null);
  for (const [name] of named as [FilterName, unknown][]) {
    if (!kind.filters.includes(name)) throw new FilterNotTakenError(kind.kind, name, kind.filters);
    if (PERSONAL_FILTERS.has(name) && !personal) throw new PersonalFilterError(name);
  }
  return Object.fromEntries(named);
}
