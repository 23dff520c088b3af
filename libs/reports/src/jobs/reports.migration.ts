import type { Migration } from '#libs/database';
import { scheduleMigration } from '../schedules/schedules.migration.js';

/**
 * Schema `reports`: what was asked for, and what came of it. A job stays for good, so that everybody sees what there was; its rows and files
 * go after their time. They hold personal data in clear where the question shows them: nothing else of this schema does, save the
 * department of a filter, which goes with the files.
 *
 * `number` is the order of the queue. What a process works out it keeps piece by piece, each together with where to go on: rows
 * (`row_chunks`, one or more batches each; `through` is the number of its last row), then the bytes of one file after the other
 * (`file_chunks`). `kept_bytes` is what they take, packed. `footing` is what the read model was like when the rows were begun.
 * The parts are packed (gzip), so they are stored as they come.
 */
const sql = `
create schema reports;

create table reports.jobs (
  id             uuid primary key,
  number         bigint generated always as identity unique,
  tenant         text not null,
  kind           text not null,
  version        int not null,
  question       jsonb not null,
  formats        text[] not null,
  command_digest text not null,
  actor_kind     text not null,
  actor_id       text not null,
  requested_at   timestamptz not null,
  status         text not null default 'queued' check (status in ('queued', 'running', 'done', 'failed', 'cancelled')),
  stage          text not null default 'gathering' check (stage in ('gathering', 'rendering', 'recording')),
  due_at         timestamptz not null,
  attempts       int not null default 0,
  waiting_for    text,
  progress       double precision not null default 0,
  bookmark       text check (length(bookmark) <= 1000),
  footing        jsonb,
  row_count      bigint not null default 0,
  erased         bigint not null default 0,
  chunks         int not null default 0,
  kept_bytes     bigint not null default 0,
  counts         jsonb not null default '{}',
  files          jsonb not null default '[]',
  refused        jsonb not null default '[]',
  sheet          jsonb,
  failure        jsonb,
  started_at     timestamptz,
  finished_at    timestamptz,
  expires_at     timestamptz,
  swept          boolean not null default false
);
create index jobs_waiting on reports.jobs (number) where status in ('queued', 'running');
create index jobs_by_tenant on reports.jobs (tenant, number);
create index jobs_by_start on reports.jobs (tenant, started_at);
create index jobs_kept on reports.jobs (tenant) include (kept_bytes) where not swept;
create index jobs_to_sweep on reports.jobs (number) where not swept and status in ('done', 'failed', 'cancelled');

create table reports.row_chunks (
  job     uuid not null,
  chunk   int not null,
  through bigint not null,
  data    bytea not null,
  primary key (job, chunk)
);
create index row_chunks_by_row on reports.row_chunks (job, through);
alter table reports.row_chunks alter column data set storage external;

create table reports.file_chunks (
  job   uuid not null,
  name  text not null,
  chunk int not null,
  data  bytea not null,
  primary key (job, name, chunk)
);
alter table reports.file_chunks alter column data set storage external;
`;

/** The jobs that make reports, and what they made. */
export const reportMigrations: readonly Migration[] = [{ name: '0900-reports', sql }, scheduleMigration];
