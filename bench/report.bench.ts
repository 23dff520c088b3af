/**
 * How fast a report is made, what memory that takes, and what a question about a day costs when there are many grants.
 * 1. `access` as CSV over as many rows as asked for: gathered, kept, written, its sheet with the log counted. The baseline is one COPY of
 *    the same rows by one statement. Memory is sampled meanwhile: it must not grow with the rows.
 * 2. Who held what at an instant, as known at a position, for one account at a time, with 1 million (or more) grants in the table. The
 *    baseline reads the same versions of grants by the bare index, without the people, the roles, and the two times.
 * Targets: at least 0.15 of the rows a second of COPY; below 300 MB on a PostgreSQL; p95 of a question at most 20 ms.
 * `npm run bench -- report [--rows 1000000] [--grants 1000000,10000000] [--questions 2000] [--only embedded|postgres]`
 */
import { parseArgs } from 'node:util';
import { to as copyTo } from 'pg-copy-streams';
import type { Engine } from '#libs/platform';
import { findAccess } from '#libs/read-model';
import { type Question, REPORTS, ReportQueue, ReportRunner } from '#libs/reports';
import { openBareEngine } from './support/engine-under-test.js';
import { GRANTS_EACH, type GrantedTenant, grantTenant } from './support/granted-tenant.js';
import { machineLoad } from './support/process-usage.js';
import { runBenchmark } from './support/run-benchmark.js';
import { quantile, rounded, verdict } from './support/statistics.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    grants: { type: 'string', default: '1000000' },
    questions: { type: 'string', default: '2000' },
    only: { type: 'string' },
  },
});
const ROWS = Number(values.rows);
const SIZES = values.grants.split(',').map(Number);
const QUESTIONS = Number(values.questions);
const TARGET = { copies: 1 / 0.15, megabytes: 300, questionMs: 20 } as const;

/** How often memory is looked at, milliseconds. */
const SAMPLE_MS = 100;
/** Figures of memory that are shown, evenly over the time. */
const SHOWN_SAMPLES = 10;
const REPORT = '3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31';

const resident = (): number => process.memoryUsage().rss / 1e6;

interface Made {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly memory: readonly number[];
}

async function makeReport({ database, store, codec, clock }: Engine, tenant: GrantedTenant): Promise<Made> {
  const question: Question = { ...tenant, from: null, timeZone: 'UTC', filter: {}, personal: true };
  const queue = new ReportQueue({ database, clock });
  const requestedBy = { kind: 'system', id: 'bench' } as const;
  const version = REPORTS.get('access')?.version ?? 1;
  await queue.add({ id: REPORT, commandDigest: '', kind: 'access', version, question, formats: ['csv'], requestedBy });
  const runner = new ReportRunner({
    source: { database, store, reader: codec },
    kinds: REPORTS,
    clock,
    softwareVersion: 'bench',
    recordGenerated: async () => undefined,
    observe: (_job, _came, error) => void (error && console.error(error)),
  });
  global.gc?.();
  const memory = [resident()];
  const sampling = setInterval(() => memory.push(resident()), SAMPLE_MS);
  const begun = performance.now();
  await runner.runNext({ guard: async () => undefined }, new AbortController().signal);
  const seconds = (performance.now() - begun) / 1_000;
  clearInterval(sampling);
  const job = await queue.find(REPORT);
  if (job?.status !== 'done' || !job.sheet?.complete) throw new Error(`Not made: ${JSON.stringify(job)}`);
  if (job.rows !== tenant.held) throw new Error(`${job.rows} rows instead of ${tenant.held}.`);
  return { rows: job.rows, bytes: job.files[0]?.bytes ?? 0, seconds, memory };
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

async function measureReport(name: string, engine: Engine): Promise<GrantedTenant> {
  const tenant = await grantTenant(engine.database, 0, Math.ceil(ROWS / (GRANTS_EACH - 1)));
  const made = await makeReport(engine, tenant);
  const copied = await copyRows(engine, tenant);
  const [before = 0] = made.memory;
  const peak = Math.max(...made.memory);
  const shown = Array.from({ length: SHOWN_SAMPLES }, (_, nth) =>
    Math.round(made.memory[Math.floor((made.memory.length * nth) / SHOWN_SAMPLES)] ?? 0),
  );
  console.log(`\nreport access, CSV, ${name}; ${made.rows} rows; load of the machine ${machineLoad()}`);
  const row = ({ seconds, bytes }: { seconds: number; bytes: number }) => ({
    seconds: rounded(seconds),
    'rows/s': Math.round(made.rows / seconds),
    'MB/s': rounded(bytes / 1e6 / seconds),
  });
  console.table({ 'COPY TO': row(copied), report: row(made) });
  console.log(`memory over time, MB: ${Math.round(before)} before; ${shown.join(' ')}; at most ${Math.round(peak)}`);
  verdict(`a report against COPY, ${name}`, made.seconds / copied.seconds, TARGET.copies, 'times its time');
  // the embedded database lives in the same process, and holds all those rows
  if (name === 'postgres') verdict(`memory of a report of ${made.rows} rows, ${name}`, peak, TARGET.megabytes, 'MB');
  return tenant;
}

async function timed(ask: (nth: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let nth = 0; nth < QUESTIONS; nth += 1) {
    const begun = performance.now();
    if ((await ask(nth)) === 0) throw new Error('An account without grants was asked about.');
    times.push(performance.now() - begun);
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
  const bare = await timed(async (nth) => {
    const { rows } = await database.query({
      name: 'bench.bare',
      text: 'select * from read_model.grants_v1 where tenant = $1 and account = $2 order by granted_pos, grant_id limit 201',
      values: [tenant.tenant, asked[nth]],
    });
    return rows.length;
  });
  const access = await timed(
    async (nth) => (await findAccess(database, { ...tenant, account: asked[nth], limit: 200 })).items.length,
  );
  const row = (times: readonly number[]) => ({
    p50: rounded(quantile(times, 0.5), 2),
    p95: rounded(quantile(times, 0.95), 2),
    p99: rounded(quantile(times, 0.99), 2),
  });
  console.log(`\nwho held what, ${name}; ${tenant.grants} grants; ${QUESTIONS} questions, ms; load ${machineLoad()}`);
  console.table({ 'bare index scan': row(bare), 'as of, as known at': row(access) });
  verdict(`a question about ${tenant.grants} grants, p95, ${name}`, quantile(access, 0.95), TARGET.questionMs, 'ms');
}

await runBenchmark(async (afterwards) => {
  for (const kind of ['embedded', 'postgres'] as const) {
    if (values.only !== undefined && values.only !== kind) continue;
    const opened = await openBareEngine(kind, afterwards);
    if (!opened) continue;
    let { people } = await measureReport(kind, opened.engine);
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
