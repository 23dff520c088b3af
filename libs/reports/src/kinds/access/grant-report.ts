import { tallyGrants } from '#libs/read-model';
import type { Column, ReportRow } from '../../column.js';
import { tallyPopulation } from '../../histories/grant-population.js';
import { excludedIn, Tally } from '../../histories/tally.js';
import type { FilterName, Question } from '../../question.js';
import {
  type Counts,
  type Population,
  type ReportKind,
  type ReportSource,
  ROWS_PER_BATCH,
  type RowBatch,
} from '../../report-kind.js';
import { GRANTS_PER_PAGE, type GrantPlace, nextGrants, type WalkedGrant } from './grant-walk.queries.js';

/** What one grant comes to in a report: rows, or the reason why it has none. */
export type ToldGrant =
  | { readonly rows: readonly [ReportRow, ...ReportRow[]]; readonly counts?: Counts }
  | { readonly excluded: string; readonly counts?: Counts };

/** A report that looks at every grant there ever was, in the order in which they were given. */
export interface GrantReport {
  readonly kind: string;
  readonly version: number;
  readonly title: string;
  readonly answers: string;
  readonly about: ReportKind['about'];
  readonly columns: readonly Column[];
  readonly filters: readonly FilterName[];
  /** Tells grants of one page, in their order, each by itself: what comes of one must not depend on which others are on the page. */
  tell(source: ReportSource, question: Question, grants: readonly WalkedGrant[]): Promise<readonly ToldGrant[]>;
  /** Further reconciliations; that of the grants is always made. */
  readonly population?: ReportKind['population'];
  readonly summary?: ReportKind['summary'];
}

/** Name under which the grants with rows are counted. */
const LISTED = 'listed.grants';

/** Name under which the grants that were revoked are counted, whether they have rows or not. */
const ENDED = 'ended.grants';

/**
 * Makes a kind of report out of what it tells of each grant. Its population is every grant that the log's own tally knows, and every end of
 * one, not those of the table that the rows come from, so that a row or an end that was lost there shows.
 */
export function grantReport(report: GrantReport): ReportKind {
  const { tell: _tell, population, summary, ...kind } = report;
  return {
    ...kind,
    rows: (source, question, after) => rowsOf(report, source, question, after),
    population: async (source, question, listed) => [
      ...(await populationOf(source, question, listed.counts)),
      ...((await population?.(source, question, listed)) ?? []),
    ],
    ...(summary ? { summary } : {}),
  };
}

async function* rowsOf(
  report: GrantReport,
  source: ReportSource,
  question: Question,
  bookmark: string | null,
): AsyncIterable<RowBatch> {
  let { skip, at } = readBookmark(bookmark);
  for (;;) {
    const grants = await nextGrants(source.database, question, at);
    const told = grants.length === 0 ? [] : await report.tell(source, question, grants);
    yield* batchesOf(grants, told, { skip, before: at, knownAt: question.knownAt });
    if (grants.length < GRANTS_PER_PAGE) return;
    [skip, at] = [0, grants.at(-1) ?? null];
  }
}

async function populationOf(source: ReportSource, question: Question, counts: Counts): Promise<Population[]> {
  const { tenant, knownAt, filter } = question;
  const { account, role } = filter;
  const given = await tallyGrants(source.database, { tenant, knownAt, account, role });
  return [
    { of: 'grants', recorded: given.grants, listed: counts[LISTED] ?? 0, excluded: excludedIn(counts) },
    { of: 'grants ended', recorded: given.ended, listed: counts[ENDED] ?? 0, excluded: {} },
    await tallyPopulation(source, question),
  ];
}

interface Cutting {
  /** Rows of the first grant that were taken before. */
  readonly skip: number;
  /** The grant before the first one; null at the beginning. */
  readonly before: GrantPlace | null;
  readonly knownAt: number;
}

/** Cuts what a page came to into batches. One may end within the rows of a grant, which is counted once its last row is taken. */
function* batchesOf(
  grants: readonly WalkedGrant[],
  told: readonly ToldGrant[],
  { skip, before, knownAt }: Cutting,
): Iterable<RowBatch> {
  const progress = (grants.at(-1)?.position ?? knownAt) / Math.max(knownAt, 1);
  let rows: ReportRow[] = [];
  let tally = new Tally();
  let last = before;
  for (const [index, grant] of grants.entries()) {
    const one = told[index] as ToldGrant;
    const own = 'rows' in one ? one.rows : [];
    let next = index === 0 ? skip : 0;
    while (rows.length + own.length - next > ROWS_PER_BATCH) {
      const room = ROWS_PER_BATCH - rows.length;
      rows.push(...own.slice(next, next + room));
      next += room;
      yield { rows, bookmark: bookmarkOf(last, next), counts: tally.counts, progress };
      [rows, tally] = [[], new Tally()];
    }
    rows.push(...own.slice(next));
    tally.addAll(countsOf(one)).addIf(grant.revokedPosition !== null, ENDED);
    last = grant;
  }
  yield { rows, bookmark: bookmarkOf(last, 0), counts: tally.counts, progress: Math.min(progress, 1) };
}

const countsOf = (told: ToldGrant): Counts =>
  'rows' in told ? { [LISTED]: 1, ...told.counts } : { [`excluded.${told.excluded}`]: 1, ...told.counts };

/** The last grant of which every row was taken, and how many rows of the next one were. */
const bookmarkOf = (last: GrantPlace | null, skip: number): string =>
  `${last ? `${last.position}:${last.grant}` : ':'}:${skip}`;

const BOOKMARK = /^(?:(\d{1,15}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|:):(\d{1,9})$/;

/** Whether a text has the form of a bookmark of a report about grants. */
export const isGrantBookmark = (text: string): boolean => BOOKMARK.test(text);

function readBookmark(bookmark: string | null): { readonly at: GrantPlace | null; readonly skip: number } {
  if (bookmark === null) return { at: null, skip: 0 };
  const [whole, position, grant, skip] = BOOKMARK.exec(bookmark) ?? [];
  if (whole === undefined) throw new TypeError('This is no bookmark of a report about grants.');
  return { at: grant === undefined ? null : { position: Number(position), grant }, skip: Number(skip) };
}
