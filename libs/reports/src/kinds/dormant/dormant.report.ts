import { isDormant } from '#libs/domain';
import { type AccountAsOf, accountStatuses, accountsAsOf } from '#libs/read-model';
import { HOLDING_CELLS, type ReportedAccount, WHO_CELLS } from '../../histories/account-cells.js';
import { ACCOUNT_FILTERS, whyNotAsked, whyNotCounting } from '../../histories/account-filter.js';
import { holdingsOf, NO_HOLDINGS } from '../../histories/account-holdings.js';
import { grantPopulation } from '../../histories/grant-population.js';
import { countOpenings, type Opening, type Openings } from '../../histories/openings.queries.js';
import { policiesAsOf } from '../../histories/policies-as-of.js';
import { type CellOf, rowLayout } from '../../histories/row-layout.js';
import { signInPopulation } from '../../histories/sign-in-population.js';
import { excludedIn, Tally } from '../../histories/tally.js';
import { type PartOfOpening, walkOpenings } from '../../histories/walk-openings.js';
import { type WatchTerms, watchTerms } from '../../histories/watch-terms.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource, RowBatch } from '../../report-kind.js';
import { type LastUse, lastUsesOf } from './last-uses.js';
import { type Quiet, quietOf } from './quiet.js';

/** How long nobody may have signed in where no policy says so. */
const DORMANT_AFTER = 'P90D';

const ACCOUNTS: Openings = { type: 'UserProvisioned', beginsStream: true };

interface DormantAccount extends ReportedAccount {
  readonly quiet: Quiet;
  readonly terms: WatchTerms;
  readonly asOf: string;
}

const DAY_MS = 86_400_000;

const CELLS: readonly CellOf<DormantAccount>[] = [
  ...WHO_CELLS,
  {
    name: 'reactivatedAt',
    type: 'instant',
    means: 'When the account last counted again after it had been deactivated; empty where it never was.',
    of: ({ quiet }) => quiet.reactivatedAt,
  },
  {
    name: 'lastSignInAt',
    type: 'instant',
    means:
      'When somebody last signed in to it, or to an account that it had taken over in a merge by the instant asked about; empty where nobody ever has.',
    of: ({ quiet }) => quiet.lastSignInAt,
  },
  {
    name: 'quietSince',
    type: 'instant',
    means:
      'The latest of `lastSignInAt`, the making of the account, and its last reactivation. A finding leaves an account that took over another its full time from the merge on, and may come later.',
    of: ({ quiet }) => quiet.since,
  },
  {
    name: 'quietDays',
    type: 'integer',
    means: 'Whole days of 24 hours from then to the instant asked about.',
    of: ({ quiet, asOf }) => Math.floor((Date.parse(asOf) - Date.parse(quiet.since)) / DAY_MS),
  },
  {
    name: 'code',
    type: 'text',
    means: 'Either never-signed-in or no-sign-in.',
    of: ({ quiet }) => (quiet.lastSignInAt === null ? 'never-signed-in' : 'no-sign-in'),
  },
  {
    name: 'after',
    type: 'text',
    means:
      'For how long nobody may have signed in, ISO-8601 duration: the shortest time of the dormant policies in force at that instant, else 90 days.',
    of: ({ terms }) => terms.after,
  },
  {
    name: 'policies',
    type: 'list',
    means: 'Ids of the dormant policies in force at that instant; empty where none was.',
    of: ({ terms }) => terms.policies,
  },
  ...HOLDING_CELLS,
];

const layout = rowLayout(CELLS);

/** Accounts that counted at an instant and to which nobody had signed in for long. */
export const dormantReport: ReportKind = {
  kind: 'dormant',
  version: 1,
  title: 'Dormant accounts',
  answers:
    'Which active accounts has nobody signed in to for as long as the policies then in force allow, and what do they hold?',
  about: 'instant',
  columns: layout.columns,
  filters: ACCOUNT_FILTERS,
  rows,
  async population(source, question, { counts }) {
    const recorded = await countOpenings(source.database, question, ACCOUNTS);
    return [
      { of: 'accounts', recorded, listed: counts['listed'] ?? 0, excluded: excludedIn(counts) },
      await signInPopulation(source, question),
      ...(await grantPopulation(source, question)),
    ];
  },
};

async function* rows(source: ReportSource, question: Question, after: string | null): AsyncGenerator<RowBatch> {
  const terms = watchTerms(await policiesAsOf(source, question), 'dormant', DORMANT_AFTER);
  yield* walkOpenings(source, question, { ...ACCOUNTS, after }, (page) => partsOf(source, question, terms, page));
}

async function partsOf(
  source: ReportSource,
  question: Question,
  terms: WatchTerms,
  page: readonly Opening[],
): Promise<readonly PartOfOpening[]> {
  const { database } = source;
  const ids = page.flatMap(({ account }) => account ?? []);
  const [accounts, uses, statuses, holdings] = await Promise.all([
    accountsAsOf(database, question, ids),
    lastUsesOf(source, question, ids),
    accountStatuses(database, question, ids),
    holdingsOf(source, question, ids),
  ]);
  return page.map(({ account: id, position, recorded_at: provisionedAt }) => {
    const account = accounts.get(id ?? '');
    const changes = statuses.get(id ?? '');
    // it has a status since it was made: where none is told, or not since then, some of its history is lost
    const isMade = changes?.[0]?.since.getTime() === provisionedAt.getTime();
    if (!account || !changes || !isMade || id === null) return { position, ...left('unknownAccount') };
    const use = uses.get(id);
    const quiet = quietOf({ provisionedAt, lastSignInAt: use?.at, changes }, question.asOf);
    const held = holdings.get(id) ?? NO_HOLDINGS;
    const dormant = { account, holdings: held, position, provisionedAt, quiet, terms, asOf: question.asOf };
    const why = whyLeftOut(dormant, question, use);
    return { position, ...(why === null ? listed(dormant, question) : left(why)) };
  });
}

const left = (why: string) => ({ rows: [], counts: new Tally().add(`excluded.${why}`).counts });

const listed = (dormant: DormantAccount, { personal }: Question) => ({
  rows: [layout.row(dormant, personal)],
  counts: new Tally()
    .add('listed')
    .addIf(dormant.holdings.privileged, 'flag.privileged')
    .add('flag.unknownRole', dormant.holdings.unknownRoles).counts,
});

function whyLeftOut(
  { account, holdings, quiet, terms }: DormantAccount,
  question: Question,
  use: LastUse | undefined,
): string | null {
  const why = whyNotAsked(question, account, holdings) ?? whyNotCounting(account, question.asOf);
  if (why !== null) return why;
  if (isForEmergencies(account)) return 'breakGlass';
  // where its last sign-in was taken back unseen, nobody can say which one was
  if (use?.takenBack) return 'unknownSignIn';
  return isDormant({ kind: account.kind, quietSince: quiet.since }, terms.afterMs, question.asOf) ? null : 'inUse';
}

const isForEmergencies = ({ kind }: AccountAsOf): boolean => kind === 'breakGlass';
