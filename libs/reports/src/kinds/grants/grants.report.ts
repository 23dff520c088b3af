import { type GrantEnd, type GrantOrigin, grantApprovalsOf, grantEndsOf, grantOriginsOf } from '#libs/read-model';
import { type CellOf, rowLayout } from '../../histories/row-layout.js';
import { Tally } from '../../histories/tally.js';
import type { Question } from '../../question.js';
import type { Counts, ReportKind, ReportSource } from '../../report-kind.js';
import { ACCESS_FILTERS, countsOf, originCounts } from '../access/access.report.js';
import {
  ACCOUNT_CELLS,
  ENDS_AT_CELL,
  ORIGIN_CELLS,
  POSITION_CELL,
  ROLE_CELLS,
  SOURCE_CELLS,
} from '../access/access-cells.js';
import { lostApprovals } from '../access/approvals-lost.js';
import { grantReport, type ToldGrant } from '../access/grant-report.js';
import { standingOf, whyOutside } from '../access/grant-standing.js';
import type { WalkedGrant } from '../access/grant-walk.queries.js';
import { type GrantInPlace, inPlace, instantCell } from '../access/held-grants.js';
import { eventsAt } from '../access-changes/change-evidence.queries.js';

/** A grant from its beginning to its end. */
interface RecordedGrant extends GrantInPlace {
  readonly origin: GrantOrigin | undefined;
  readonly approvals: readonly string[];
  /** What ended it, or gave it the end that counts; absent while nothing did but the grant itself. */
  readonly end: GrantEnd | undefined;
  readonly asOf: string;
}

const BEGIN_CELLS: readonly CellOf<RecordedGrant>[] = [
  { name: 'grant', type: 'text', means: 'Id of the grant.', of: ({ grant }) => grant.grant },
  {
    name: 'standing',
    type: 'text',
    means:
      'How it stood at the instant of the report: `held`, `notBegun`, `ended`, or not counting because its account was `deactivatedAccount`, `expiredAccount` or `unknownAccount`.',
    of: ({ grant, account, asOf }) => standingOf(grant, account, asOf),
  },
];

const GRANT_EVENT_CELLS: readonly CellOf<RecordedGrant>[] = [
  {
    name: 'recordedAt',
    type: 'instant',
    means: 'When the event that gave it was recorded.',
    of: ({ origin }) => instantCell(origin?.at),
  },
  { name: 'event', type: 'text', means: 'Id of the event that gave it.', of: ({ grant }) => grant.event },
  {
    name: 'signInEvent',
    type: 'text',
    means: 'Id of the sign-in because of which it was given; empty where none was.',
    of: ({ grant }) => grant.evidence,
  },
];

const END_CELLS: readonly CellOf<RecordedGrant>[] = [
  {
    name: 'endCode',
    type: 'text',
    means:
      'Why it ended or will end, such as `rule-no-longer-matches`, `by-hand`, `review` or `reduced`; empty while nobody ended it, even if it was given for a time.',
    of: ({ end }) => end?.code ?? null,
  },
  {
    name: 'endedBy',
    type: 'text',
    means: 'Who or what ended it, as `kind:id`; empty while nobody did.',
    of: ({ end }) => end?.endedBy ?? null,
  },
  {
    name: 'endReason',
    type: 'text',
    means: 'Reason that was written down when it was ended; empty where none was.',
    personal: true,
    of: ({ end }) => end?.reason ?? null,
  },
  {
    name: 'endRecordedAt',
    type: 'instant',
    means: 'When the event that ended it was recorded; empty while nobody ended it.',
    of: ({ end }) => instantCell(end?.at),
  },
  {
    name: 'endEvent',
    type: 'text',
    means: 'Id of the event that ended it; empty while nobody ended it.',
    of: ({ end }) => end?.event ?? null,
  },
  {
    name: 'endPosition',
    type: 'integer',
    means: 'Position in the sealed log of that event; empty while nobody ended it.',
    of: ({ end }) => end?.position ?? null,
  },
];

const LAYOUT = rowLayout<RecordedGrant>([
  ...BEGIN_CELLS,
  ...ACCOUNT_CELLS,
  ...ROLE_CELLS,
  ...SOURCE_CELLS,
  ...ORIGIN_CELLS,
  ...GRANT_EVENT_CELLS,
  ENDS_AT_CELL,
  ...END_CELLS,
  POSITION_CELL,
]);

/** Every grant that was ever recorded, with why it began and why it ended. */
export const grantsReport: ReportKind = grantReport({
  kind: 'grants',
  version: 1,
  title: 'Grants',
  answers: 'Which grants were ever given, by whom and why, and when, by whom and why did they end?',
  about: 'instant',
  columns: LAYOUT.columns,
  filters: ACCESS_FILTERS,
  tell,
});

async function tell(
  source: ReportSource,
  question: Question,
  grants: readonly WalkedGrant[],
): Promise<readonly ToldGrant[]> {
  const ids = grants.map(({ grant }) => grant);
  const placed = await inPlace(source, question, grants);
  const origins = await grantOriginsOf(source.database, question, ids);
  const approvals = await grantApprovalsOf(source.database, question, ids);
  const ends = await grantEndsOf(source.database, question, ids);
  const last = await eventsAt(
    source.database,
    question.tenant,
    grants.map(({ knownFrom }) => knownFrom),
  );
  const outside = placed.map((one) => whyOutside(one, question));
  const listed = grants.filter((_grant, index) => outside[index] === null);
  const lost = await lostApprovals(
    source,
    question,
    listed.map((grant) => ({ grant, origin: origins.get(grant.grant) })),
  );
  return placed.map((one, index) => {
    const { grant } = one;
    const excluded = outside[index];
    if (excluded) return { excluded };
    const known = { ends: ends.get(grant.grant) ?? [], lastType: last.get(grant.knownFrom)?.type };
    const recorded = {
      ...one,
      origin: origins.get(grant.grant),
      approvals: approvals.get(grant.grant) ?? [],
      end: decisiveEnd(grant, known.ends),
      asOf: question.asOf,
    };
    const counts = { ...countsOfRecorded(recorded, known), ...lost(recorded) };
    return { rows: [LAYOUT.row(recorded, question.personal)], counts };
  });
}

/** What is known of the end of a grant. */
interface KnownEnd {
  readonly ends: readonly GrantEnd[];
  /** Type of the last event that changed the grant. */
  readonly lastType: string | undefined;
}

/** What had not begun has no account and no role yet that could be lacking. */
function countsOfRecorded(recorded: RecordedGrant, { ends, lastType }: KnownEnd): Counts {
  const { grant, account, role, origin, asOf } = recorded;
  const tally = new Tally().addAll(originCounts(origin));
  const begun = grant.from.getTime() <= Date.parse(asOf);
  if (begun || role) tally.addAll(countsOf(recorded));
  const shortened = lastType === 'GrantsReduced' && !ends.some(({ position }) => position === grant.knownFrom);
  return tally
    .addIf(begun && !account, 'flag.unknownAccount')
    .addIf(isEndLost(grant, ends) || shortened, 'flag.unknownEnd').counts;
}

/** Whether a grant was revoked although nothing is known of by what. */
export const isEndLost = (
  { revokedPosition, until }: Pick<WalkedGrant, 'revokedPosition' | 'until'>,
  ends: readonly GrantEnd[],
): boolean => revokedPosition !== null && decisiveEnd({ revokedPosition, until }, ends) === undefined;

/** A revocation is final, and the first one counts; before there is one, the last earlier end that a review gave it. */
export function decisiveEnd(
  { revokedPosition, until }: Pick<WalkedGrant, 'revokedPosition' | 'until'>,
  ends: readonly GrantEnd[],
): GrantEnd | undefined {
  if (revokedPosition !== null) return ends.find(({ position }) => position === revokedPosition);
  return ends.findLast(({ effectiveAt }) => effectiveAt.getTime() === until?.getTime());
}
