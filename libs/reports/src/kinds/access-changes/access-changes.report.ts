import { accountStatuses, type EventPlace, grantEndsOf, grantOriginsOf } from '#libs/read-model';
import type { ReportRow } from '../../column.js';
import { readBodies } from '../../events/read-bodies.js';
import { historyPopulation } from '../../histories/grant-population.js';
import { rowLayout } from '../../histories/row-layout.js';
import { Tally } from '../../histories/tally.js';
import type { Question } from '../../question.js';
import type { Counts, ReportKind, ReportSource } from '../../report-kind.js';
import { countsOf } from '../access/access.report.js';
import { grantReport, type ToldGrant } from '../access/grant-report.js';
import { whyOutside } from '../access/grant-standing.js';
import type { WalkedGrant } from '../access/grant-walk.queries.js';
import { type GrantInPlace, inPlace } from '../access/held-grants.js';
import { type ChangeRecords, causeOf, reasonIn, unknownBehind } from './change-causes.js';
import { TOLD_CHANGE_CELLS, type ToldChange } from './change-cells.js';
import { eventsAt, type PlacedEvent, versionsOf } from './change-evidence.queries.js';
import { balanceOf, movementName } from './control-totals.js';
import { changesOf, type GrantChange, recordedLate } from './grant-changes.js';

const LAYOUT = rowLayout<ToldChange>(TOLD_CHANGE_CELLS);

/**
 * Who gained and lost what in a period, and which ends moved: one row per change, grant by grant in the order in which they were given, and
 * of each in the order in which the changes took effect.
 */
export const accessChangesReport: ReportKind = grantReport({
  kind: 'access-changes',
  version: 1,
  title: 'Access changes',
  answers: 'Who gained, lost or changed which access in a period, and why?',
  about: 'period',
  columns: LAYOUT.columns,
  filters: ['account', 'role', 'application', 'connection', 'privileged'],
  tell,
  population: async (source, question) => [await historyPopulation(source, question)],
  summary: balanceOf,
});

async function tell(
  source: ReportSource,
  question: Question,
  grants: readonly WalkedGrant[],
): Promise<readonly ToldGrant[]> {
  const placed = await inPlace(source, question, grants);
  const courses = await coursesOf(source, question, grants);
  const changes = grants.map((grant) => changesOf(grant, courses.of(grant), question));
  const outside = placed.map((one) => whyOutside(one, question));
  const records = await recordsOf(source, question, {
    grants: grants.filter((_grant, index) => outside[index] === null && changes[index]?.length),
    changes: changes.flatMap((own, index) => (outside[index] === null ? own : [])),
    courses,
  });
  return placed.map((one, index) => {
    if (courses.of(one.grant).statuses.length === 0) return { excluded: 'unknownAccount' };
    const excluded = outside[index];
    if (excluded) return { excluded };
    const told = toldChanges(one, changes[index] ?? [], records(one.grant), question);
    const late = recordedLate(one.grant, courses.of(one.grant), question);
    return late === 0 ? told : { ...told, counts: { ...told.counts, recordedLate: late } };
  });
}

function toldChanges(
  placed: GrantInPlace,
  changes: readonly GrantChange[],
  records: ChangeRecords,
  { personal }: Question,
): ToldGrant {
  const [first, ...others] = changes.map((what) =>
    LAYOUT.row({ ...placed, what, cause: causeOf(what, records) }, personal),
  ) as ReportRow[];
  return first
    ? { rows: [first, ...others], counts: countsOfChanges(placed, changes, records) }
    : { excluded: 'unchanged' };
}

function countsOfChanges(placed: GrantInPlace, changes: readonly GrantChange[], records: ChangeRecords): Counts {
  const tally = new Tally();
  for (const what of changes) {
    const { change } = what;
    tally.addAll(countsOf(placed)).addAll(unknownBehind(what, records));
    if (change !== 'changed') tally.add(movementName(change, placed.role?.application));
  }
  return tally.counts;
}

/** What is needed to tell when grants counted. */
async function coursesOf({ database }: ReportSource, question: Question, grants: readonly WalkedGrant[]) {
  const statuses = await accountStatuses(database, question, [...new Set(grants.map(({ account }) => account))]);
  const changed = grants.filter(({ position, knownFrom }) => position !== knownFrom).map(({ grant }) => grant);
  const versions = await versionsOf(database, question, changed);
  const { from } = question;
  const begun = from === null ? [] : grants.filter((grant) => grant.from.getTime() <= Date.parse(from));
  const positions = [...[...versions.values()].flat(), ...begun].map(({ position }) => position);
  const events = await eventsAt(database, question.tenant, [...new Set(positions)]);
  return {
    events,
    of: ({ account, grant }: WalkedGrant) => ({
      statuses: statuses.get(account) ?? [],
      versions: versions.get(grant) ?? [],
      events,
    }),
  };
}

interface Needed {
  readonly grants: readonly WalkedGrant[];
  readonly changes: readonly GrantChange[];
  readonly courses: Awaited<ReturnType<typeof coursesOf>>;
}

/** What is needed to tell why, for the grants that changed alone. */
async function recordsOf(
  source: ReportSource,
  question: Question,
  { grants, changes, courses }: Needed,
): Promise<(grant: WalkedGrant) => ChangeRecords> {
  const { database } = source;
  const ids = grants.map(({ grant }) => grant);
  const origins = await grantOriginsOf(database, question, ids);
  const ends = await grantEndsOf(database, question, ids);
  const given = grants.map(({ position }) => position);
  const atAccounts = [...new Set(changes.flatMap(positionsAtAccounts))];
  const events = await eventsAt(database, question.tenant, [...new Set([...given, ...atAccounts])]);
  const reasons = await reasonsOf(
    source,
    question,
    atAccounts.flatMap((position) => events.get(position) ?? []),
  );
  const all = new Map<number, PlacedEvent>([...courses.events, ...events]);
  return (grant) => ({
    grant,
    origin: origins.get(grant.grant),
    ends: ends.get(grant.grant) ?? [],
    versions: courses.of(grant).versions,
    events: all,
    reasons,
  });
}

const positionsAtAccounts = (change: GrantChange): number[] =>
  change.change !== 'changed' && change.border.position !== null ? [change.border.position] : [];

async function reasonsOf(
  source: ReportSource,
  { personal }: Question,
  places: readonly EventPlace[],
): Promise<ReadonlyMap<number, string | null>> {
  if (places.length === 0) return new Map();
  const bodies = await readBodies(source, places, personal);
  return new Map(bodies.map(({ position, data }) => [position, reasonIn(data)]));
}
