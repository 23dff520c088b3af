import type { Migration } from '#libs/database';

const sql = `
create schema notices;

-- What has to be told and was. A row stays when it is settled: it is how anybody knows who was told of what.
create table notices.outbox (
  id         uuid primary key,
  tenant     text not null,
  kind       text not null,
  channel    text not null,
  recipient  uuid,
  noun       text not null,
  about      uuid not null,
  items      int not null,
  act_by     timestamptz,
  state      text not null default 'queued',
  attempts   int not null default 0,
  due_at     timestamptz not null,
  settled_at timestamptz,
  code       text
);
create index outbox_due on notices.outbox (due_at, id) where state = 'queued';
create index outbox_about on notices.outbox (tenant, about);
`;

/** The outbox of notices. */
export const noticeMigrations: readonly Migration[] = [{ name: '0800-notices', sql }];
