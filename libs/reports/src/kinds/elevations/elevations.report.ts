import { accountsAsOf, rolesAsOf } from '#libs/read-model';
import { countOpenings, type Opening, type Openings } from '../../histories/openings.queries.js';
import { readHistories } from '../../histories/read-histories.js';
import { rowLayout } from '../../histories/row-layout.js';
import { countsUnder, excludedIn, Tally } from '../../histories/tally.js';
import { type PartOfOpening, walkOpenings } from '../../histories/walk-openings.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource } from '../../report-kind.js';
import { type GoesOnAs, readMerges } from '../reviews/merges-known.js';
import type { ReviewedItem } from '../reviews/review-item.fold.js';
import { type ElevationHistory, foldElevation, standingOf } from './elevation.fold.js';
import { ELEVATION_CELLS, type KnownElevation } from './elevation-cells.js';
import { courseOf, isClosedBeforePeriod } from './elevation-course.js';
import { readReviewsAfterwards } from './reviews-afterwards.js';

/** Also older ones: what was asked for before the period is approved, used and ended within it. */
const REQUESTS: Openings = { type: 'ElevationRequested', beginsStream: true };
const FACTS = ['ElevationRequested', 'ElevationApproved', 'ElevationExtended', 'ElevationRefused', 'ElevationEnded'];

const layout = rowLayout(ELEVATION_CELLS);

/** Every elevation that was asked for in a period or not over when it began, and where it stood at the end of the period. */
export const elevationsReport: ReportKind = {
  kind: 'elevations',
  version: 1,
  title: 'Elevations',
  answers:
    'Who asked for a role for a time, who approved it, from when to when it held, how it ended, and who looked at emergencies afterwards.',
  about: 'period',
  columns: layout.columns,
  filters: ['account', 'role', 'application', 'privileged', 'policy'],
  async *rows(source, question, after) {
    const goesOnAs = await readMerges(source, question);
    yield* walkOpenings(source, question, { ...REQUESTS, after }, (page) =>
      partsOf(source, question, { page, goesOnAs }),
    );
  },
  async population({ database }, question, { counts }) {
    const recorded = await countOpenings(database, question, REQUESTS);
    let facts = 0;
    for (const type of FACTS) facts += await countOpenings(database, question, { type, withinPeriod: true });
    return [
      { of: 'elevations', recorded, listed: counts['listed'] ?? 0, excluded: excludedIn(counts) },
      {
        of: 'events of the period',
        recorded: facts,
        listed: counts['facts'] ?? 0,
        excluded: countsUnder(counts, 'facts.excluded.'),
      },
    ];
  },
  async summary(_source, _question, { rows, counts }) {
    const { openAtBeginning = 0, breakGlass = 0 } = counts;
    return { elevations: rows, openAtBeginning, ...countsUnder(counts, 'status.'), breakGlass };
  },
};

/** What is known about whom and what some elevations name. */
interface Surroundings {
  readonly accounts: Awaited<ReturnType<typeof accountsAsOf>>;
  readonly roles: Awaited<ReturnType<typeof rolesAsOf>>;
  readonly afterwards: ReadonlyMap<string, ReviewedItem>;
  readonly goesOnAs: GoesOnAs;
}

async function partsOf(
  source: ReportSource,
  question: Question,
  { page, goesOnAs }: { readonly page: readonly Opening[]; readonly goesOnAs: GoesOnAs },
): Promise<readonly PartOfOpening[]> {
  const streams = page.map(({ stream }) => stream);
  const histories = await readHistories(source, question, streams);
  const elevations = streams.map((stream) => foldElevation(histories.get(stream) ?? [], question.asOf));
  const requests = elevations.map(({ request }) => request);
  const [accounts, roles, afterwards] = await Promise.all([
    accountsAsOf(source.database, question, [
      ...new Set(requests.flatMap(({ account, requestedBy }) => [account, ...(requestedBy ? [requestedBy] : [])])),
    ]),
    rolesAsOf(source.database, question, [...new Set(requests.map(({ role }) => role))]),
    readReviewsAfterwards(source, question, elevations),
  ]);
  return elevations.map((history, index) => {
    const course = courseOf(histories.get(streams[index] ?? '') ?? [], question);
    return {
      position: history.position,
      ...partOf(question, { history, course }, { accounts, goesOnAs, roles, afterwards }),
    };
  });
}

function partOf(
  question: Question,
  { history, course }: Pick<KnownElevation, 'history' | 'course'>,
  known: Surroundings,
): Omit<PartOfOpening, 'position'> {
  const { request, approvals } = history;
  const afterwards = approvals.map(({ event }) => known.afterwards.get(event)).find((item) => item !== undefined);
  if (isClosedBeforePeriod(course, afterwards, question)) return { rows: [], counts: { 'excluded.closedBefore': 1 } };
  const tally = new Tally();
  const role = known.roles.get(request.role);
  const why = whyNotAsked(question, history, role);
  if (why !== null)
    return { rows: [], counts: tally.add(`excluded.${why}`).add(`facts.excluded.${why}`, course.facts).counts };
  const account = known.accounts.get(request.account);
  const standing = standingOf(history, question.asOf);
  const elevation: KnownElevation = {
    history,
    course,
    standing,
    account,
    requester: request.requestedBy === null ? undefined : known.accounts.get(request.requestedBy),
    role,
    afterwards,
  };
  const began = standing.beganAt !== null;
  tally
    .add('listed')
    .add('facts', course.facts)
    .addIf(course.openAtBeginning, 'openAtBeginning')
    .add(`status.${standing.status}`)
    .addIf(request.breakGlass, 'breakGlass')
    .addIf(request.breakGlass && began && !afterwards, 'flag.breakGlassWithoutReview')
    .addIf(
      approvals.some(({ by }) => by !== null && known.goesOnAs(by) === known.goesOnAs(request.account)),
      'flag.approvedForThemselves',
    )
    .addIf(!account || (request.requestedBy !== null && !elevation.requester), 'flag.unknownAccount')
    .addIf(!role, 'flag.unknownRole');
  if (role) tally.add(`application.${role.application}`);
  return { rows: [layout.row(elevation, question.personal)], counts: tally.counts };
}

/** Why an elevation is not among those asked about; null where it is. */
function whyNotAsked(
  { filter }: Question,
  { request }: ElevationHistory,
  role: KnownElevation['role'],
): 'filter' | 'unknownRole' | null {
  const wanted: readonly (readonly [unknown, unknown])[] = [
    [filter.account, request.account],
    [filter.role, request.role],
    [filter.policy, request.policy],
  ];
  if (wanted.some(([asked, actual]) => asked !== undefined && asked !== actual)) return 'filter';
  const { application, privileged } = filter;
  if (!role && (application !== undefined || privileged !== undefined)) return 'unknownRole';
  const isOfRole = (application ?? role?.application) === role?.application;
  return isOfRole && (privileged ?? role?.privileged) === role?.privileged ? null : 'filter';
}
