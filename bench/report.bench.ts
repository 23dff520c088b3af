/**
 * How fast a report is made, what memory that takes, and what a question about a day costs when there are many grants.
 * 1. `access`, as CSV unless told otherwise, over as many rows as asked for: gathered, kept, written, its sheet with the log counted. The
 *    baseline is one COPY of the same rows by one statement. On a PostgreSQL a process of its own makes the report of each format,
 *    and its memory is looked at meanwhile: it must not grow with the rows.
 * 2. Who held what at an instant, as known at a position, for one account at a time, with 1 million (or more) grants in the table. The
 *    baseline reads the same versions of grants by the bare index, without the people, the roles, and the two times.
 * Targets: at least 0.15 of the rows a second of COPY; below 300 MB on a PostgreSQL; p95 of a question at most 20 ms, and at most 10 times
 * that of the bare index scan.
 * `npm run bench -- report [--rows 1000000] [--grants 1000000,10000000] [--questions 2000] [--format csv,json,xlsx]
 * [--only embedded|postgres]`
 */
import { parseArgs } from 'node:util';
import { to as copyTo } from 'pg-copy-streams';
import { REPORT_FORMATS } from '#libs/contracts';
import type { Engine } from '#libs/platform';
import { findAccess } from '#libs/read-model';
import type { ReportFormatName } from '#libs/reports';
import { openBareEngine } from './support/engine-under-test.js';
import { GRANTS_EACH, type GrantedTenant, grantTenant } from './support/granted-tenant.js';
import { type MadeReport, type Making, type MemoryOverTime, makeReport, STAGES } from './support/made-report.js';
import { machineLoad } from './support/process-usage.js';
import { type ReportElsewhere, startReportProcess } from './support/report-process.js';
import { runBenchmark } from './support/run-benchmark.js';
import { quantile, rounded, verdict } from './support/statistics.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    grants: { type: 'string', default: '1000000' },
    questions: { type: 'string', default: '2000' },
    format: { type: 'string', default: 'csv' },
    only: { type: 'string' },
  },
});
const ROWS = Number(values.rows);
const SIZES = values.grants.split(',').map(Number);
const QUESTIONS = Number(values.questions);
const FORMATS = values.format.split(',').map(formatAsked);
const TARGET = { copies: rounded(1 / 0.15, 2), megabytes: 300, questionMs: 20, scans: 10 } as const;

/** Memory is shown whenever so many rows more were collected, or ten times if they are fewer. */
const ROWS_BETWEEN = Math.min(100_000, Math.ceil(ROWS / 10));

function formatAsked(name: string): ReportFormatName {
  const format = REPORT_FORMATS.find((known) => known === name);
  if (format !== undefined) return format;
  console.error(`--format must be of ${REPORT_FORMATS.join(', ')}, with commas between several.`);
  process.exit(2);
}

/** The same rows by one statement: grants that count, with the person and the role as they were, and who gave them. */
const SAME_ROWS = ({ tenant, asOf, knownAt }: GrantedTenant): string => `
  copy (
    select g.account, a.user_name, a.display_name, a.employee_number, a.employee_type, a.department, a.manager, a.kind, a.status, a.directory,
      r.application, g.role, r.name, r.privileged, g.source_kind, g.source_connection, g.source_rule, g.source_rule_version, g.valid_from,
      o.given_by, null, o.reason, g.valid_to, null, null, null, g.granted_pos
    from read_model.grants_v1 g
    join lateral (
      select * from read_model.account_history_v2 h
      where h.tenant = g.tenant and h.account = g.account and h.from_pos <= ${knownAt} and h.valid_from <= '${asOf}'
      order by h.from_pos desc limit 1
    ) a on a.status = 'active'
    left join read_model.roles_v1 r on r.tenant = g.tenant and r.role = g.role and r.from_pos <= ${knownAt} and r.to_pos is null
    left join read_model.grant_origins_v1 o on o.tenant = g.tenant and o.grant_id = g.grant_id
    where g.tenant = '${tenant}' and g.from_pos <= ${knownAt} and (g.to_pos is null or ${knownAt} < g.to_pos)
      and g.valid_from <= '${asOf}' and (g.valid_to is null or '${asOf}' < g.valid_to)
    order by g.granted_pos, g.grant_id
  ) to stdout (format csv, header)`;

async function copyRows({ database }: Engine, tenant: GrantedTenant): Promise<{ seconds: number; bytes: number }> {
  const client = await database.pool.connect();
  await client.query('set statement_timeout = 0');
  const begun = performance.now();
  let bytes = 0;
  for await (const chunk of client.query(copyTo(SAME_ROWS(tenant)))) bytes += (chunk as Buffer).length;
  const seconds = (performance.now() - begun) / 1_000;
  client.release(true);
  return { seconds, bytes };
}

/** Where one report of each format is made; null in the place of a process stands for this one. */
type Makers = ReadonlyMap<ReportFormatName, ReportElsewhere | null>;

async function measureReports(name: string, engine: Engine, makers: Makers): Promise<GrantedTenant> {
  const tenant = await grantTenant(engine.database, 0, Math.ceil(ROWS / (GRANTS_EACH - 1)));
  for (const [format, elsewhere] of makers) {
    const making: Making = { tenant, format, rowsBetween: ROWS_BETWEEN };
    const made = await (elsewhere?.(making) ?? makeReport(engine, making));
    const copied = await copyRows(engine, tenant);
    console.log(`\nreport access, ${format}, ${name}; ${made.rows} rows; load of the machine ${machineLoad()}`);
    showSpeed(`a report as ${format} against COPY, ${name}`, made, copied);
    showMemory(made.memory);
    // the embedded database lives in the same process, and holds all those rows
    const most = Math.max(...Object.values(made.memory.most));
    const what = `memory of a report of ${made.rows} rows as ${format}, ${name}`;
    if (elsewhere) verdict(what, most, TARGET.megabytes, 'MB');
  }
  return tenant;
}

function showSpeed(what: string, made: MadeReport, copied: Pick<MadeReport, 'seconds' | 'bytes'>): void {
  const row = ({ seconds, bytes }: Pick<MadeReport, 'seconds' | 'bytes'>) => ({
    seconds: rounded(seconds),
    'rows/s': Math.round(made.rows / seconds),
    'MB/s': rounded(bytes / 1e6 / seconds),
  });
  console.table({ 'COPY TO': row(copied), report: row(made) });
  verdict(what, made.seconds / copied.seconds, TARGET.copies, 'times its time');
}

function showMemory({ before, gathering, most, after }: MemoryOverTime): void {
  console.log(`memory, MB: ${before} before; every ${ROWS_BETWEEN} rows ${gathering.join(' ')}; ${after} in the end`);
  console.log(`memory at most, MB: ${STAGES.map((stage) => `${stage} ${most[stage]}`).join(', ')}`);
}

type Ask = (nth: number) => Promise<number>;

/** Milliseconds of each question, asked by turns: of two about the same account, the first finds nothing in any cache. */
async function timed(...asks: readonly [Ask, Ask]): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  for (let nth = 0; nth < QUESTIONS; nth += 1)
    for (const turn of [0, 1]) {
      const which = (nth + turn) % 2 === 0 ? 0 : 1;
      const begun = performance.now();
      if ((await asks[which](nth)) === 0) throw new Error('An account without grants was asked about.');
      times[which].push(performance.now() - begun);
    }
  return times;
}

async function accounts({ database }: Engine, { people }: GrantedTenant): Promise<string[]> {
  // far apart, always the same ones
  const chosen = Array.from({ length: QUESTIONS }, (_, nth) => (nth * 7_919) % people);
  const { rows } = await database.query<{ account: string }>(
    `select md5('person ' || n)::uuid::text as account from unnest($1::int[]) n`,
    [chosen],
  );
  return rows.map(({ account }) => account);
}

async function measureQuestions(name: string, engine: Engine, tenant: GrantedTenant): Promise<void> {
  const { database } = engine;
  const asked = await accounts(engine, tenant);
  const [bare, access] = await timed(
    async (nth) => {
      const { rows } = await database.query({
        name: 'bench.bare',
        text: 'select * from read_model.grants_v1 where tenant = $1 and account = $2 order by granted_pos, grant_id limit 201',
        values: [tenant.tenant, asked[nth]],
      });
      return rows.length;
    },
    async (nth) => (await findAccess(database, { ...tenant, account: asked[nth], limit: 200 })).items.length,
  );
  const row = (times: readonly number[]) => ({
    p50: rounded(quantile(times, 0.5), 2),
    p95: rounded(quantile(times, 0.95), 2),
    p99: rounded(quantile(times, 0.99), 2),
  });
  console.log(`\nwho held what, ${name}; ${tenant.grants} grants; ${QUESTIONS} questions, ms; load ${machineLoad()}`);
  console.table({ 'bare index scan': row(bare), 'as of, as known at': row(access) });
  const p95 = quantile(access, 0.95);
  const what = `a question about ${tenant.grants} grants, p95, ${name}`;
  verdict(what, p95, TARGET.questionMs, 'ms');
  verdict(`${what}, against a bare index scan`, p95 / quantile(bare, 0.95), TARGET.scans, 'times its time');
}

await runBenchmark(async (afterwards) => {
  for (const kind of ['embedded', 'postgres'] as const) {
    if (values.only !== undefined && values.only !== kind) continue;
    const opened = await openBareEngine(kind, afterwards);
    if (!opened) continue;
    const makers = new Map<ReportFormatName, ReportElsewhere | null>();
    for (const format of FORMATS)
      makers.set(format, kind === 'postgres' ? await startReportProcess(opened.env, afterwards) : null);
    let { people } = await measureReports(kind, opened.engine, makers);
    for (const grants of SIZES) {
      const tenant = await grantTenant(
        opened.engine.database,
        people,
        Math.max(people, Math.ceil(grants / GRANTS_EACH)),
      );
      people = tenant.people;
      await measureQuestions(kind, opened.engine, tenant);
    }
  }
});
