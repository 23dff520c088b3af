import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { EventReader } from '#libs/read-model';
import type { Cell, Column, ReportRow } from './column.js';
import type { FilterName, Question } from './question.js';

/** What reports are made from. */
export interface ReportSource {
  /** Holds the read model and the sealed log. */
  readonly database: Database;
  readonly store: Pick<EventStore, 'readStream' | 'readLog'>;
  readonly reader: EventReader;
}

/** Some rows, in the report's order. */
export interface RowBatch {
  /** At most `ROWS_PER_BATCH`. */
  readonly rows: readonly ReportRow[];
  /** Where to go on after them, also in another process; the kind's own text, at most 1,000 characters. */
  readonly bookmark: string;
  /** What was counted on the way, by name, to be added to what was counted before: `excluded.REASON`, `application.ID`, `flag.NAME`. */
  readonly counts: Counts;
  /** Share of the work done, 0 to 1, as far as it can be told. */
  readonly progress: number;
}

/** Numbers by name. */
export type Counts = Readonly<Record<string, number>>;

/** Most rows of one batch: what a job holds in memory at a time. */
export const ROWS_PER_BATCH = 1_000;

/**
 * Whether the rows are the whole population, counted from the log's index rather than from the tables that the rows come from:
 * `recorded` must be `listed` and all of `excluded` together.
 */
export interface Population {
  /** What is counted, in the plural: `grants`, `accounts`, `review items`. */
  readonly of: string;
  readonly recorded: number;
  readonly listed: number;
  /** Why some of them are not in the report, with how many. */
  readonly excluded: Counts;
}

/** Rows that were gathered, some at a time, from the first on. */
export type KeptRows = () => AsyncIterable<readonly ReportRow[]>;

/** One kind of report: its columns, and where its rows come from. */
export interface ReportKind {
  /** In `REPORT_KINDS`. */
  readonly kind: string;
  /** Rises when columns or their meaning change. */
  readonly version: number;
  readonly title: string;
  /** The question that it answers, in a sentence; where something that one would look for in it is elsewhere, a second one that says so. */
  readonly answers: string;
  readonly about: 'instant' | 'period';
  readonly columns: readonly Column[];
  /** Whether the installation itself can be asked about, whose keys and configurations are no customer's; default false. */
  readonly ofInstallation?: boolean;
  /** Conditions that it takes; others are refused. */
  readonly filters: readonly FilterName[];
  /**
   * The rows, batch by batch, in an order that depends on the question alone. Going on from a bookmark gives what would have followed.
   * No transaction is held between batches.
   * @param after bookmark of the last batch taken; null begins
   */
  rows(source: ReportSource, question: Question, after: string | null): AsyncIterable<RowBatch>;
  /**
   * Reconciles what was listed with what the log's index knows.
   * @param listed rows in the report, and everything that its batches counted
   */
  population(
    source: ReportSource,
    question: Question,
    listed: { readonly rows: number; readonly counts: Counts },
  ): Promise<readonly Population[]>;
  /**
   * Figures over the whole report, such as percentiles or control totals, by name; none if absent.
   * @param kept the rows of the report, where they are kept
   */
  summary?(
    source: ReportSource,
    question: Question,
    listed: { readonly rows: number; readonly counts: Counts },
    kept?: KeptRows,
  ): Promise<Readonly<Record<string, Cell>>>;
}
