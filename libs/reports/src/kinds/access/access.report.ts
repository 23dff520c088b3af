import type { GrantOrigin } from '#libs/read-model';
import { type RowLayout, rowLayout } from '../../histories/row-layout.js';
import { signInPopulation } from '../../histories/sign-in-population.js';
import { takenBackUnseen } from '../../histories/sign-ins-taken-back.js';
import { Tally } from '../../histories/tally.js';
import type { FilterName, Question } from '../../question.js';
import type { Counts, Population, ReportKind, ReportSource } from '../../report-kind.js';
import {
  ACCOUNT_CELLS,
  ATTENTION_CELLS,
  ENDS_AT_CELL,
  ORIGIN_CELLS,
  POSITION_CELL,
  PROFILE_CELLS,
  ROLE_CELLS,
  SOURCE_CELLS,
} from './access-cells.js';
import { lostApprovals } from './approvals-lost.js';
import { decisionsKnown } from './decisions-known.js';
import { grantReport, type ToldGrant } from './grant-report.js';
import { standingOf, whyOutside } from './grant-standing.js';
import type { WalkedGrant } from './grant-walk.queries.js';
import { type GrantInPlace, type HeldGrant, inPlace, withWhy } from './held-grants.js';

const LAYOUT = rowLayout<HeldGrant>([
  ...ACCOUNT_CELLS,
  ...PROFILE_CELLS,
  ...ROLE_CELLS,
  ...SOURCE_CELLS,
  ...ORIGIN_CELLS,
  ENDS_AT_CELL,
  ...ATTENTION_CELLS,
  POSITION_CELL,
]);

/** Conditions that reports about grants at an instant take. */
export const ACCESS_FILTERS: readonly FilterName[] = [
  'account',
  'role',
  'application',
  'connection',
  'directory',
  'department',
  'privileged',
];

/** Who held what at an instant: one row per grant that counted then. */
export const accessReport: ReportKind = grantReport({
  kind: 'access',
  version: 1,
  title: 'Access',
  answers:
    'Who held which role at an instant, because of what, until when, when did they last sign in, and when was it last reviewed?',
  about: 'instant',
  columns: LAYOUT.columns,
  filters: ACCESS_FILTERS,
  tell: (source, question, grants) => tellHeld(source, question, grants, { layout: LAYOUT, describe: withWhy }),
  population: attentionKnown,
});

/** Reconciles what is looked up about when grants were last used and looked at. */
export async function attentionKnown(source: ReportSource, question: Question): Promise<readonly Population[]> {
  return [...(await decisionsKnown(source, question)), await signInPopulation(source, question)];
}

/** How grants that are held become rows. */
export interface HeldTelling<T extends HeldGrant> {
  readonly layout: RowLayout<T>;
  /** Why a grant that is held is left out all the same; null where it is not. */
  leaveOut?(held: GrantInPlace): string | null;
  /** Looks up what the cells need, in the order of the grants. */
  describe(source: ReportSource, question: Question, held: readonly GrantInPlace[]): Promise<readonly T[]>;
  /** What else to count for a grant with a row. */
  counts?(subject: T): Counts;
}

/** Tells of the grants that count at the instant asked about, and why the others do not. */
export async function tellHeld<T extends HeldGrant>(
  source: ReportSource,
  question: Question,
  grants: readonly WalkedGrant[],
  telling: HeldTelling<T>,
): Promise<readonly ToldGrant[]> {
  const placed = await inPlace(source, question, grants);
  const reasons = placed.map((one) => reasonToLeaveOut(one, question, telling));
  const held = await telling.describe(
    source,
    question,
    placed.filter((_one, index) => reasons[index] === null),
  );
  const lost = await lostBehind(source, question, held);
  const described = held.values();
  return placed.map((one, index) => {
    const excluded = reasons[index];
    if (excluded) return { excluded };
    const subject = described.next().value as T;
    return {
      rows: [telling.layout.row(subject, question.personal)],
      counts: { ...countsOf(one), ...lost(subject), ...telling.counts?.(subject) },
    };
  });
}

/** What to count for a grant where something of which its cells tell has been lost. */
async function lostBehind(
  source: ReportSource,
  question: Question,
  held: readonly HeldGrant[],
): Promise<(one: HeldGrant) => Counts> {
  const signIns = held.flatMap(({ grant, lastSignIn }) => (lastSignIn ? [[grant.account, lastSignIn] as const] : []));
  const takenBack = await takenBackUnseen(source, question, new Map(signIns));
  const approvals = await lostApprovals(source, question, held);
  return (one) =>
    new Tally()
      .addAll(originCounts(one.origin))
      .addAll(approvals(one))
      .addIf(takenBack.has(one.grant.account), 'flag.unknownSignIn').counts;
}

function reasonToLeaveOut<T extends HeldGrant>(
  one: GrantInPlace,
  question: Question,
  { leaveOut }: HeldTelling<T>,
): string | null {
  const standing = standingOf(one.grant, one.account, question.asOf);
  return standing === 'held' ? (whyOutside(one, question) ?? leaveOut?.(one) ?? null) : standing;
}

/** A role that the catalogue lacks is a flag on the sheet; such a grant is listed all the same. */
export const countsOf = ({ role }: Pick<GrantInPlace, 'role'>): Counts =>
  role ? { [`application.${role.application}`]: 1 } : { 'flag.unknownRole': 1 };

/** Every grant was given by an event; where what is known of it has been lost, the sheet says so. */
export const originCounts = (origin: GrantOrigin | undefined): Counts => (origin ? {} : { 'flag.unknownOrigin': 1 });
