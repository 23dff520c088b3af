import { SILENT_AFTER_MS } from '#libs/domain';
import { instantAfter } from '#libs/kernel';
import { accountsAsOf } from '#libs/read-model';
import { HOLDING_CELLS, type ReportedAccount, WHO_CELLS } from '../../histories/account-cells.js';
import { ACCOUNT_FILTERS, whyNotAsked, whyNotCounting } from '../../histories/account-filter.js';
import { holdingsOf, NO_HOLDINGS } from '../../histories/account-holdings.js';
import { grantPopulation } from '../../histories/grant-population.js';
import { countOpenings, type Opening, type Openings } from '../../histories/openings.queries.js';
import { policiesAsOf } from '../../histories/policies-as-of.js';
import { readEventsAbout } from '../../histories/read-histories.js';
import { type CellOf, rowLayout } from '../../histories/row-layout.js';
import { excludedIn, Tally } from '../../histories/tally.js';
import { type PartOfOpening, walkOpenings } from '../../histories/walk-openings.js';
import { type WatchTerms, watchTerms } from '../../histories/watch-terms.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource, RowBatch } from '../../report-kind.js';
import { connectionsOf, type Orphanhood, orphanhoodOf, type SourceThen, TYING } from './orphan.fold.js';
import { sourcesAsOf } from './sources-as-of.queries.js';

const DAY_MS = 86_400_000;
/** How long a source may be silent where no policy says so. */
const SILENT_AFTER = `P${SILENT_AFTER_MS / DAY_MS}D`;

const ACCOUNTS: Openings = { type: 'UserProvisioned', beginsStream: true };

interface OrphanAccount extends ReportedAccount {
  readonly orphanhood: Orphanhood;
  readonly source: SourceThen | undefined;
  readonly terms: WatchTerms;
}

const CELLS: readonly CellOf<OrphanAccount>[] = [
  ...WHO_CELLS,
  {
    name: 'code',
    type: 'text',
    means: 'What was wrong with the best of its sources: source-silent, source-disabled or source-gone.',
    of: ({ orphanhood }) => orphanhood.code,
  },
  {
    name: 'connection',
    type: 'text',
    means: 'The connection that this is said of.',
    of: ({ orphanhood }) => orphanhood.connection,
  },
  {
    name: 'sources',
    type: 'list',
    means: 'Every connection that the account was tied to, each with what was wrong with it.',
    of: ({ orphanhood }) => orphanhood.sources,
  },
  {
    name: 'lastHeardAt',
    type: 'instant',
    means: 'When something last came through that connection for anybody; empty where nothing ever did.',
    of: ({ source }) => source?.heardAt ?? null,
  },
  {
    name: 'silentAfter',
    type: 'text',
    means:
      'How long a source may be silent, ISO-8601 duration: the shortest time of the orphan policies in force at that instant, else 30 days.',
    of: ({ terms }) => terms.after,
  },
  {
    name: 'policies',
    type: 'list',
    means: 'Ids of the orphan policies in force at that instant; empty where none was.',
    of: ({ terms }) => terms.policies,
  },
  ...HOLDING_CELLS,
];

const layout = rowLayout(CELLS);

/** Accounts that counted at an instant although no source vouched for them. */
export const orphanReport: ReportKind = {
  kind: 'orphan',
  version: 1,
  title: 'Orphan accounts',
  answers:
    'Which active accounts had no source left that vouches for them, because each was removed, disabled or silent, and what do they hold?',
  about: 'instant',
  columns: layout.columns,
  filters: [...ACCOUNT_FILTERS, 'connection'],
  rows,
  async population(source, question, { counts }) {
    const recorded = await countOpenings(source.database, question, ACCOUNTS);
    return [
      { of: 'accounts', recorded, listed: counts['listed'] ?? 0, excluded: excludedIn(counts) },
      ...(await grantPopulation(source, question)),
    ];
  },
};

/** What does not depend on the account. */
interface Setting {
  readonly terms: WatchTerms;
  readonly silentBefore: string;
  /** Null where it is lost how one stood. */
  readonly sources: ReadonlyMap<string, SourceThen | null>;
}

async function* rows(source: ReportSource, question: Question, after: string | null): AsyncGenerator<RowBatch> {
  const terms = watchTerms(await policiesAsOf(source, question), 'orphan', SILENT_AFTER);
  const silentBefore = instantAfter(question.asOf, -terms.afterMs);
  const setting = { terms, silentBefore, sources: await sourcesAsOf(source.database, question) };
  yield* walkOpenings(source, question, { ...ACCOUNTS, after }, (page) => partsOf(source, question, setting, page));
}

async function partsOf(
  source: ReportSource,
  question: Question,
  { terms, silentBefore, sources }: Setting,
  page: readonly Opening[],
): Promise<readonly PartOfOpening[]> {
  const ids = page.flatMap(({ account }) => account ?? []);
  const [accounts, holdings, tying] = await Promise.all([
    accountsAsOf(source.database, question, ids),
    holdingsOf(source, question, ids),
    // subjects tell links apart, so they are needed in clear, or as they are stored; none is shown
    readEventsAbout(source, { ...question, personal: true }, { accounts: ids, types: TYING }),
  ]);
  const events = Map.groupBy(tying, ({ stream }) => stream);
  return page.map(({ account: id, position, stream, recorded_at: provisionedAt }) => {
    const account = accounts.get(id ?? '');
    if (!account) return { position, ...left('unknownAccount') };
    const held = holdings.get(account.account) ?? NO_HOLDINGS;
    const reported = { account, holdings: held, position, provisionedAt };
    const why = whyNotAsked(question, account, held) ?? whyNotCounting(account, question.asOf);
    if (why !== null) return { position, ...left(why) };
    const connections = connectionsOf(events.get(stream) ?? []);
    if (connections.some((connection) => sources.get(connection) === null))
      return { position, ...left('unknownSource') };
    const orphanhood = orphanhoodOf(connections, (connection) => sources.get(connection) ?? undefined, silentBefore);
    if (orphanhood === null) return { position, ...left(connections.length === 0 ? 'madeByHand' : 'vouchedFor') };
    const lost = { ...reported, orphanhood, source: sources.get(orphanhood.connection) ?? undefined, terms };
    return { position, ...(isThrough(question, orphanhood) ? listed(lost, question) : left('filter')) };
  });
}

const isThrough = ({ filter }: Question, { connection }: Orphanhood): boolean =>
  (filter.connection ?? connection) === connection;

const left = (why: string) => ({ rows: [], counts: new Tally().add(`excluded.${why}`).counts });

const listed = (orphan: OrphanAccount, { personal }: Question) => ({
  rows: [layout.row(orphan, personal)],
  counts: new Tally()
    .add('listed')
    .add(`code.${orphan.orphanhood.code}`)
    .addIf(orphan.holdings.privileged, 'flag.privileged')
    .add('flag.unknownRole', orphan.holdings.unknownRoles).counts,
});
