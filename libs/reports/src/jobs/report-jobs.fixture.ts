import { v5 as uuidv5 } from 'uuid';
import type { SealedEvent } from '#libs/kernel';
import type { EvidenceFile } from '../evidence.js';
import type { SealedHistory } from '../export/sealed-history.fixture.js';
import type { ReportFormatName } from '../formats/report-format.js';
import type { ReportKind } from '../report-kind.js';
import { readFileChunks } from './file-chunks.js';
import { numbers } from './jobs.fixture.js';
import type { ReportJob } from './report-job.js';
import { ReportQueue } from './report-queue.js';
import { ReportRunner, type ReportRunnerDependencies } from './report-runner.js';
import { reportMigrations } from './reports.migration.js';

const START = Date.parse('2026-04-01T08:00:00.000Z');

/** A lease that is never lost. */
export const HELD = { guard: async () => undefined };

/** A signal that ends nothing. */
export const never = new AbortController().signal;

/** The id of the report of that name. */
export const idOf = (name: string) => uuidv5(name, '3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31');

/** Names and hashes of the data files. */
export const hashes = ({ files }: ReportJob) =>
  files.filter(({ name }) => !name.startsWith('evidence')).map(({ name, sha256 }) => [name, sha256]);

/** A queue over a sealed log, empty before each test, and who works it off, at a clock that stands still until it is told. For specs only. */
export function reportJobs(told: SealedHistory, history: readonly SealedEvent[]) {
  let now = START;
  const clock = { now: () => new Date(now) };
  const queue = new ReportQueue({
    get database() {
      return told.source.database;
    },
    clock,
  });
  const execute = (statement: string, values: unknown[] = []) => told.source.database.query(statement, values);
  beforeAll(async () => {
    await told.tell(history);
    for (const { sql } of reportMigrations) await execute(sql);
  });
  beforeEach(async () => {
    now = START;
    await execute('truncate reports.jobs, reports.row_chunks, reports.file_chunks');
  });

  const runner = (kind: ReportKind, over: Partial<ReportRunnerDependencies> = {}) =>
    new ReportRunner({
      source: told.source,
      kinds: new Map([['access', kind]]),
      clock,
      softwareVersion: '0.1.0',
      recordGenerated: async () => undefined,
      observe: () => undefined,
      ...over,
    });
  return {
    queue,
    clock,
    execute,
    runner,
    pass: (ms: number) => {
      now += ms;
    },
    work: (kind: ReportKind = numbers()) => runner(kind).runNext(HELD, never),
    found: async (report: string) => (await queue.find(report)) as ReportJob,
    ask: async (name: string, formats: readonly ReportFormatName[] = ['csv'], knownAt = 1, tenant = 'acme') => {
      await queue.add(reportNamed(name, formats, knownAt, tenant));
      return idOf(name);
    },
    bytesOf: async (report: string, { name, bytes }: EvidenceFile) => {
      const parts: Buffer[] = [];
      for await (const part of readFileChunks(told.source.database, { job: report, name, bytes })) parts.push(part);
      return Buffer.concat(parts);
    },
    /** What a job says that it keeps, and what lies there. */
    keptBytes: async (report: string) => {
      const { rows } = await told.source.database.query<{ said: number; there: number }>(
        `select (select kept_bytes from reports.jobs where id = $1) as said,
           (select coalesce(sum(octet_length(data)), 0)::bigint from reports.row_chunks where job = $1)
           + (select coalesce(sum(octet_length(data)), 0)::bigint from reports.file_chunks where job = $1) as there`,
        [report],
      );
      return rows[0];
    },
    countOf: async (table: string) =>
      (await told.source.database.query<{ count: number }>(`select count(*) from reports.${table}`)).rows[0]?.count,
  };
}

const reportNamed = (name: string, formats: readonly ReportFormatName[], knownAt: number, tenant: string) => ({
  id: idOf(name),
  commandDigest: name,
  kind: 'access',
  version: 1,
  question: {
    tenant,
    asOf: '2026-03-31T21:59:59.999Z',
    from: null,
    knownAt,
    timeZone: 'UTC',
    filter: {},
    personal: true,
  },
  formats,
  requestedBy: { kind: 'key' as const, id: 'auditor' },
});
