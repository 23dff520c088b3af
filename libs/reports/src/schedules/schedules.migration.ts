import type { Migration } from '#libs/database';

/**
 * Reports that the clock asks for, and how they reach the places where they are wanted. A delivery stays when it is settled: it is how
 * anybody knows what became of it.
 */
const sql = `
alter table reports.jobs add column schedule text, add column scheduled_for timestamptz;
create index jobs_by_schedule on reports.jobs (tenant, schedule, scheduled_for) where schedule is not null;

create table reports.deliveries (
  report     uuid not null,
  channel    text not null check (channel in ('folder', 'webhook')),
  state      text not null default 'queued' check (state in ('queued', 'delivered', 'failed')),
  attempts   int not null default 0,
  due_at     timestamptz not null,
  code       text,
  settled_at timestamptz,
  recorded   boolean not null default false,
  primary key (report, channel)
);
create index deliveries_due on reports.deliveries (due_at) where not recorded;
`;

/** Schedules and deliveries of reports. */
export const scheduleMigration: Migration = { name: '0901-report-schedules', sql };
