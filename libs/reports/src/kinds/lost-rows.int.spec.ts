/** No row that is lost in the read model may leave a report that is wrong and says that it is complete. */
import { type DatabaseUnderTest, databasesUnderTest, seededId } from '#libs/testing';
import { askedOf, markingReader, reportOf, type WholeReport, wholeStoreOf } from '../events/told-history.fixture.js';
import { makeEvidence } from '../evidence/make-evidence.js';
import { walkTenantLog } from '../evidence/tenant-log.queries.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import type { FilterName, Question, ReportFilter } from '../question.js';
import type { ReportKind, ReportSource } from '../report-kind.js';
import { day, halfYear as history } from './half-year.fixture.js';
import { heardSource } from './heard-source.fixture.js';
import { REPORTS } from './index.js';

/** At the end, in a period in the middle, and at an instant before half of it had happened. */
const MOMENTS: readonly Partial<Question>[] = [{}, { from: day(2, 15), asOf: day(4, 25) }, { asOf: day(3, 5) }];

/** Conditions for which a report has to know more than it shows. */
const FILTERS: readonly ReportFilter[] = [
  { application: 'prod' },
  { privileged: true },
  { directory: 'staff' },
  { department: 'Research' },
];

const takes = ({ filters }: ReportKind, filter: ReportFilter): boolean =>
  Object.keys(filter).every((name) => filters.includes(name as FilterName));

/** Every kind with each question that it is asked. */
const REQUESTS = [...REPORTS.values()].flatMap((kind) => [
  ...MOMENTS.map((over) => ({ kind, question: askedOf(history, over) })),
  ...FILTERS.filter((filter) => takes(kind, filter)).map((filter) => ({
    kind,
    question: askedOf(history, { filter }),
  })),
]);

/** Every table of the read model that a report reads. */
const TABLES = [
  'account_history_v2',
  'connections_v2',
  'events_v1',
  'grant_approvals_v1',
  'grant_counts_v1',
  'grant_ends_v1',
  'grant_origins_v1',
  'grants_v1',
  'recorded_uses_v1',
  'review_decisions_v1',
  'roles_v1',
  'sign_ins_v1',
  'withdrawn_sign_ins_v1',
];

/** Streams that wait are there: while it holds one of the tenant, no report is complete. Were it cleared, turns of accounts would be missed. */
const BESIDE = ['parked'];

const REPORT = {
  report: seededId('report'),
  files: [],
  erased: 0,
  parkedStreams: 0,
  generatedBy: 'key:auditor',
  generatedAt: day(7, 1),
  softwareVersion: '0.1.0',
};

const quickest = databasesUnderTest().findLast(({ skipped }) => !skipped) as DatabaseUnderTest;

jest.setTimeout(120_000);

describe('a report of which no row can be lost unseen', () => {
  const told = sealedHistory({
    open: quickest.open,
    reader: markingReader,
    storeOf: wholeStoreOf,
  });
  const query = <R extends object>(text: string, ...values: unknown[]) => told.source.database.query<R>(text, values);
  const whole: string[] = [];
  /** Of each report the tables that its rows come from. No other can change them: whether it is asked depends on these alone. */
  const tablesOf: ReadonlySet<string>[] = [];
  beforeAll(async () => {
    await told.tell(history);
    for (const { kind, question } of REQUESTS) {
      const read = new Set<string>();
      whole.push(JSON.stringify((await reportOf(kind, heardSource(told.source, read), question)).cells));
      tablesOf.push(read);
    }
  });

  const madeOf = (kind: ReportKind, question: Question) => reportOf(kind, told.source, question);

  async function totalsOf(source: ReportSource, kind: ReportKind, question: Question, made: WholeReport) {
    const { cells, counts } = made;
    const listed = { rows: cells.length, counts };
    const kept = async function* () {
      yield cells;
    };
    const population = await kind.population(source, question, listed);
    return { counts, population, summary: (await kind.summary?.(source, question, listed, kept)) ?? {} };
  }

  async function sheetOf(kind: ReportKind, question: Question, made: WholeReport) {
    const totals = await totalsOf(told.source, kind, question, made);
    const rows = made.cells.length;
    return makeEvidence(told.source, { ...REPORT, ...totals, kind, question, rows, kept: { rows, goesOn: false } });
  }

  /** What reports now, without a row of a table, tell otherwise than they should, and call complete. */
  async function wrongAndComplete(table: string): Promise<string[]> {
    const { sealed, projected } = await walkTenantLog(told.source.database, askedOf(history));
    if (sealed !== projected) return []; // no sheet is complete then, whatever the report
    const wrong: string[] = [];
    for (const [index, { kind, question }] of REQUESTS.entries()) {
      if (!tablesOf[index]?.has(table)) continue;
      const made = await madeOf(kind, question);
      if (JSON.stringify(made.cells) === whole[index]) continue;
      const { complete } = await sheetOf(kind, question, made);
      if (complete) wrong.push(`${kind.kind} ${JSON.stringify(question)}`);
    }
    return wrong;
  }

  it('is complete as long as none is', async () => {
    for (const { kind, question } of REQUESTS) {
      const made = await madeOf(kind, question);
      const { complete, problems } = await sheetOf(kind, question, made);
      expect({ kind: kind.kind, question, complete, problems }).toMatchObject({ complete: true, problems: [] });
    }
  });

  it.each([...REPORTS.keys()])('has something to lose: %s', (name) =>
    expect(whole[REQUESTS.findIndex(({ kind }) => kind.kind === name)]).not.toBe('[]'),
  );

  it('is made of these tables', async () => {
    const read = new Set<string>();
    const source = heardSource(told.source, read);
    for (const { kind, question } of REQUESTS)
      await totalsOf(source, kind, question, await reportOf(kind, source, question));
    expect([...read].sort()).toEqual([...TABLES, ...BESIDE].sort());
  });

  it.each(TABLES)('has the same rows without any one of %s, or says that it is not complete', async (table) => {
    const { rows } = await query<{ row: object }>(`select to_jsonb(t) as row from read_model.${table} t`);
    expect(rows.length).toBeGreaterThan(0);
    for (const { row } of rows) {
      await query(`delete from read_model.${table} t where to_jsonb(t) = $1::jsonb`, JSON.stringify(row));
      expect({ row, wrong: await wrongAndComplete(table) }).toEqual({ row, wrong: [] });
      await query(
        `insert into read_model.${table} select * from jsonb_populate_record(null::read_model.${table}, $1::jsonb)`,
        JSON.stringify(row),
      );
    }
  });
});
