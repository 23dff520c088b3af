import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import { type ConnectionAge, type HourCount, hourOf, USUAL_DAYS } from '#libs/domain';
import { instantAfter, type RecordedEvent } from '#libs/kernel';
import { DATABASE } from '#libs/platform';

const DAY_MS = 86_400_000;

/** Days after which what is counted by the hour is forgotten: no mean goes back so far. */
const KEPT_DAYS = USUAL_DAYS + 1;

/** Rows that one sweep forgets. */
const SWEEP_ROWS = 10_000;

type Seen = Pick<RecordedEvent, 'id' | 'tenant' | 'recordedAt'>;

/** What is counted by the hour, and what is remembered as seen before. */
export type Counted = 'accounts' | 'refusals';
export type Remembered = 'certificate' | 'domain';

/**
 * What governance remembers of each connection so that it can tell what is unusual: counts by the hour, and digests of what was seen before.
 * Everything is taken from events once, whatever their order and however often they come; emptied, it fills again from the log.
 */
@Injectable()
export class InsightMemory {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Counts something that happened through a connection, and says how often it did in that hour and in the 30 days before. */
  async count(
    { id, tenant, recordedAt }: Seen,
    { connection, what, by }: { readonly connection: string; readonly what: Counted; readonly by: number },
  ): Promise<HourCount> {
    const hour = hourOf(recordedAt);
    const { rows } = await this.database.query<{ count: number; before: number; known_since: Date }>(COUNT, [
      id,
      recordedAt,
      tenant,
      connection,
      what,
      hour,
      by,
      instantAfter(hour, -USUAL_DAYS * DAY_MS),
    ]);
    const [row] = rows as [(typeof rows)[number]];
    return { count: row.count, before: row.before, knownSince: row.known_since.toISOString() };
  }

  /** Remembers a digest of something that came through a connection; says whether this event was the first to bring it. */
  async see(
    { id, tenant, recordedAt }: Seen,
    { connection, what, digest }: { readonly connection: string; readonly what: Remembered; readonly digest: string },
  ): Promise<ConnectionAge & { readonly first: boolean }> {
    const { rows } = await this.database.query<{ first: boolean; known_since: Date; accounts: number }>(SEE, [
      id,
      recordedAt,
      tenant,
      connection,
      what,
      digest,
    ]);
    const [row] = rows as [(typeof rows)[number]];
    return { first: row.first, knownSince: row.known_since.toISOString(), accounts: row.accounts };
  }

  /** Remembers a sign-in; says when the account had signed in before, null for the first time. */
  async signIn({ id, tenant, recordedAt }: Seen, account: string): Promise<string | null> {
    const { rows } = await this.database.query<{ previous_at: Date | null }>(SIGN_IN, [
      tenant,
      account,
      id,
      recordedAt,
    ]);
    return rows[0]?.previous_at?.toISOString() ?? null;
  }

  /** Forgets what is too old to count. @returns whether there may be more of it */
  async sweep(now: string): Promise<boolean> {
    const before = instantAfter(now, -KEPT_DAYS * DAY_MS);
    const { rowCount } = await this.database.query(
      `delete from governance.insight_events where event_id in
         (select event_id from governance.insight_events where at < $1 order by at limit ${SWEEP_ROWS})`,
      [before],
    );
    await this.database.query('delete from governance.insight_hours where hour < $1', [before]);
    return (rowCount ?? 0) === SWEEP_ROWS;
  }
}

/** The first thing that ever came through a connection says how long it is known. */
const KNOWN = `insert into governance.insight_seen as s (tenant, connection, what, digest, first_event, first_at)
  values ($3, $4, 'connection', '', $1, $2)
  on conflict (tenant, connection, what, digest) do update set first_event = excluded.first_event, first_at = excluded.first_at
    where excluded.first_at < s.first_at
  returning first_at`;

const KNOWN_SINCE = `coalesce((select first_at from known), (select first_at from governance.insight_seen
  where tenant = $3 and connection = $4 and what = 'connection' and digest = ''), $2::timestamptz)`;

const COUNT = `
with known as (${KNOWN}),
fresh as (
  insert into governance.insight_events (event_id, at) values ($1, $2) on conflict do nothing returning event_id
),
added as (
  insert into governance.insight_hours as h (tenant, connection, what, hour, count)
  select $3, $4, $5, $6::timestamptz, $7::int from fresh
  on conflict (tenant, connection, what, hour) do update set count = h.count + excluded.count
  returning count
)
select coalesce((select count from added), (select count from governance.insight_hours
         where tenant = $3 and connection = $4 and what = $5 and hour = $6), 0)::int as count,
  (select coalesce(sum(count), 0) from governance.insight_hours
    where tenant = $3 and connection = $4 and what = $5 and hour >= $8 and hour < $6)::int as before,
  ${KNOWN_SINCE} as known_since`;

const SEE = `
with known as (${KNOWN}),
fresh as (
  insert into governance.insight_seen (tenant, connection, what, digest, first_event, first_at)
  values ($3, $4, $5, $6, $1, $2) on conflict do nothing returning first_event
)
select coalesce((select first_event from fresh), (select first_event from governance.insight_seen
         where tenant = $3 and connection = $4 and what = $5 and digest = $6)) is not distinct from $1::uuid as first,
  (select coalesce(sum(count), 0) from governance.insight_hours
    where tenant = $3 and connection = $4 and what = 'accounts')::int as accounts,
  ${KNOWN_SINCE} as known_since`;

/** A repeat finds what the first time left; an older event than the last one says nothing of what was before it. */
const SIGN_IN = `
with newer as (
  insert into governance.insight_sign_ins as s (tenant, account, event_id, at) values ($1, $2, $3, $4)
  on conflict (tenant, account) do update set previous_at = s.at, at = excluded.at, event_id = excluded.event_id
    where excluded.at >= s.at and s.event_id <> excluded.event_id
  returning previous_at
)
select previous_at from newer
union all
select previous_at from governance.insight_sign_ins where tenant = $1 and account = $2 and event_id = $3
  and not exists (select 1 from newer)`;
