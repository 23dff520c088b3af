import type { SealedEvent } from '#libs/kernel';
import { WITHHELD } from '#libs/read-model';
import type { Cell, Column, ReportRow } from '../column.js';
import type { FilterName, Question } from '../question.js';
import {
  type Counts,
  type Population,
  type ReportKind,
  type ReportSource,
  ROWS_PER_BATCH,
  type RowBatch,
} from '../report-kind.js';
import { countEvents, type EventsAsked } from './event-places.queries.js';
import { eventsOf, type WalkedEvents } from './event-walk.js';
import { fitting } from './fitting.js';

/** What one event comes to in a report: rows, or the reason why it has none. */
export type Told =
  | { readonly rows: readonly [ReportRow, ...ReportRow[]]; readonly counts?: Counts }
  | { readonly excluded: string };

/** A report whose rows come one after the other from events of the log. */
export interface EventReport {
  readonly kind: string;
  readonly version: number;
  readonly title: string;
  readonly answers: string;
  readonly columns: readonly Column[];
  readonly ofInstallation?: boolean;
  readonly filters: readonly FilterName[];
  /** Types of the events that it is made from. */
  readonly types: readonly string[];
  /** Whether what the system and connections did is left out. */
  readonly byPeople?: boolean;
  /**
   * Tells events of one page, in their order, each by itself: what comes of one must not depend on which others are on the page.
   * It may look up whatever the log holds up to the question's `knownAt`.
   */
  tell(events: readonly SealedEvent[], source: ReportSource, question: Question): Promise<readonly Told[]>;
  /** Further reconciliations; that of the events is always made. */
  readonly population?: ReportKind['population'];
  readonly summary?: ReportKind['summary'];
}

/** Name under which the events with rows are counted. */
const LISTED = 'listed.events';

/**
 * Makes a kind of report out of what it tells of each event. Its period ends with the question's `asOf`, inclusive, and begins after `from`,
 * by the instants at which events were recorded; rows come in the order of the log. Cells of personal columns are withheld here from
 * whoever may not see them, whatever the events have withheld already.
 */
export function eventReport(report: EventReport): ReportKind {
  const { population, summary } = report;
  return {
    kind: report.kind,
    version: report.version,
    title: report.title,
    answers: report.answers,
    about: 'period',
    columns: report.columns,
    ...(report.ofInstallation ? { ofInstallation: true } : {}),
    filters: report.filters,
    rows: (source, question, after) => rowsOf(report, source, question, after),
    population: async (source, question, listed) => [
      await eventsListed(report, source, question, listed.counts),
      ...((await population?.(source, question, listed)) ?? []),
    ],
    ...(summary ? { summary } : {}),
  };
}

async function* rowsOf(
  report: EventReport,
  source: ReportSource,
  question: Question,
  bookmark: string | null,
): AsyncIterable<RowBatch> {
  const place = readBookmark(bookmark);
  const walk = { ...askedBy(report, question), after: place.after, personal: question.personal };
  let skip = place.skip;
  for await (const page of eventsOf(source, walk)) {
    const told = await toldOf(report, page, source, question);
    yield* batchesOf(page, told, { skip, show: (row) => shown(report.columns, row, question.personal) });
    if (page.events.length > 0) skip = 0;
  }
}

/** Of an event that the index takes for another one nothing is told but that: the sheet has it among what is unknown. */
async function toldOf(
  report: EventReport,
  { events, unlike }: WalkedEvents,
  source: ReportSource,
  question: Question,
): Promise<readonly Told[]> {
  const alike = events.filter(({ id }) => !unlike.has(id));
  const told = (alike.length === 0 ? [] : await report.tell(alike, source, question)).values();
  return events.map(({ id }) => (unlike.has(id) ? { excluded: 'unknownEvent' } : (told.next().value as Told)));
}

/** Which events a report is made from. */
export function askedBy({ types, byPeople }: Pick<EventReport, 'types' | 'byPeople'>, question: Question): EventsAsked {
  const { tenant, from, asOf: to, knownAt, filter } = question;
  return { tenant, types, from, to, knownAt, account: filter.account, connection: filter.connection, byPeople };
}

async function eventsListed(
  report: EventReport,
  { database }: ReportSource,
  question: Question,
  counts: Counts,
): Promise<Population> {
  const excluded = Object.entries(counts).filter(([name]) => name.startsWith('excluded.'));
  return {
    of: 'events',
    recorded: await countEvents(database, askedBy(report, question)),
    listed: counts[LISTED] ?? 0,
    excluded: Object.fromEntries(excluded.map(([name, count]) => [name.slice('excluded.'.length), count])),
  };
}

interface Cutting {
  /** Rows of the first event that were taken before. */
  readonly skip: number;
  readonly show: (row: ReportRow) => ReportRow;
}

/** Cuts the rows of a page into batches; a batch may end within the rows of one event, which is counted once its last row is taken. */
function* batchesOf(page: WalkedEvents, told: readonly Told[], { skip, show }: Cutting): Iterable<RowBatch> {
  let rows: ReportRow[] = [];
  let counts: Record<string, number> = {};
  let before = page.after;
  for (const [index, event] of page.events.entries()) {
    const one = told[index] as Told;
    const all = 'rows' in one ? one.rows.map(show) : [];
    let next = index === 0 ? skip : 0;
    while (rows.length + all.length - next > ROWS_PER_BATCH) {
      const room = ROWS_PER_BATCH - rows.length;
      rows.push(...all.slice(next, next + room));
      next += room;
      yield { rows, bookmark: bookmarkOf(before, next), counts, progress: page.progress };
      rows = [];
      counts = {};
    }
    rows.push(...all.slice(next));
    add(counts, countsOf(one));
    before = event.position;
  }
  yield { rows, bookmark: bookmarkOf(page.through, 0), counts, progress: page.progress };
}

const countsOf = (told: Told): Counts =>
  'rows' in told ? { [LISTED]: 1, ...told.counts } : { [`excluded.${told.excluded}`]: 1 };

function add(counts: Record<string, number>, more: Counts): void {
  for (const [name, count] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + count;
}

/** The position up to which every row was taken, and how many rows of the next event were. */
const bookmarkOf = (after: number, skip: number): string => `${after}:${skip}`;

function readBookmark(bookmark: string | null): { readonly after: number; readonly skip: number } {
  if (bookmark === null) return { after: -1, skip: 0 };
  const [after, skip] = bookmark.split(':').map(Number);
  if (!Number.isSafeInteger(after) || !Number.isSafeInteger(skip))
    throw new TypeError('This is no bookmark of a report that is made from events.');
  return { after: after as number, skip: skip as number };
}

/** What stands in place of a value whose key is gone. */
export const ERASED = '[erased]';

/** A row as it may be shown: of personal columns only that there is something, of long lists as much as fits into a cell. */
function shown(columns: readonly Column[], row: ReportRow, personal: boolean): ReportRow {
  return row.map((cell, index) => {
    const { type, personal: marked } = columns[index] as Column;
    const visible = personal || !marked ? cell : withheld(cell);
    return type === 'list' ? listed(visible) : visible;
  });
}

/** A list that is erased or withheld as a whole is one text. */
function listed(cell: Cell): Cell {
  if (typeof cell === 'string') return [cell];
  return typeof cell === 'object' && cell !== null ? fitting(cell) : cell;
}

function withheld(cell: Cell): Cell {
  const empty = cell === null || (typeof cell === 'object' && cell.length === 0);
  return empty || cell === ERASED ? cell : WITHHELD;
}
