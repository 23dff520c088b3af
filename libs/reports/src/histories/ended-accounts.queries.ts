import type { Queryable } from '#libs/database';
import type { EventPlace } from '#libs/read-model';
import { LOOKED_UP_POSITIONS } from '../events/event-places.queries.js';
import type { Question } from '../question.js';

/** An account whose end, set when it was made, came in a period; whether it was active then is another question. */
export interface EndedAccount {
  readonly account: string;
  readonly directory: string;
  /** The connection that made it; null when made by hand. */
  readonly connection: string | null;
  /** From when on it did not count. */
  readonly endedAt: Date;
  /** Of the event that made it, and set its end thereby. */
  readonly position: number;
  readonly event: string;
  /** `kind:id`. */
  readonly actor: string;
}

type Asked = Pick<Question, 'tenant' | 'asOf' | 'knownAt' | 'from' | 'filter'>;

/**
 * The makings of a stretch of the log with what they began, each looked up by itself: joined at once, the whole history would be read for
 * every stretch. An end that came before its account was made ended nothing.
 */
const ENDED = `
  from read_model.events_v1 e cross join lateral (
    select * from read_model.account_history_v2 made
    where made.tenant = e.tenant and made.account = e.account and made.from_pos = e.position limit 1) h
  where e.tenant = $1 and e.type = 'UserProvisioned' and e.position > $2 and e.position <= $3
    and h.expires_at <= $4::timestamptz and ($5::timestamptz is null or h.expires_at > $5) and h.expires_at > h.valid_from
    and ($6::uuid is null or h.account = $6) and ($7::text is null or h.directory = $7)
    and ($8::text is null or h.source_connection = $8)`;

const valuesOf = ({ tenant, asOf, knownAt, from, filter }: Asked, after: number): unknown[] => [
  tenant,
  after,
  Math.min(after + LOOKED_UP_POSITIONS, knownAt),
  asOf,
  from,
  filter.account ?? null,
  filter.directory ?? null,
  filter.connection ?? null,
];

/** Finds them behind a position, in the order in which they were made, stretch by stretch until there are enough. @param limit 1–1,000 */
export async function findEndedAccounts(
  database: Queryable,
  question: Asked,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<EndedAccount[]> {
  const found: EndedAccount[] = [];
  for (let at = after; at < question.knownAt && found.length < limit; at += LOOKED_UP_POSITIONS) {
    const { rows } = await database.query<EndedAccount>({
      name: 'reports.ended_accounts',
      text: `select h.account, h.directory, h.source_connection as connection, h.expires_at as "endedAt", e.position,
               e.event_id as event, e.actor ${ENDED} order by e.position limit $9`,
      values: [...valuesOf(question, at), limit - found.length],
    });
    found.push(...rows);
  }
  return found;
}

/** Counts those that were active when their end came, by what was known of their status right before it. */
export async function countEndedAccounts(database: Queryable, question: Asked): Promise<number> {
  let count = 0;
  for (let after = -1; after < question.knownAt; after += LOOKED_UP_POSITIONS) {
    const { rows } = await database.query<{ ended: number | string }>({
      name: 'reports.count_ended_accounts',
      text: `select count(*) as ended ${ENDED} and 'active' = (
               select last.status from read_model.account_history_v2 last
               where last.tenant = h.tenant and last.account = h.account and last.from_pos <= $9::bigint
                 and last.valid_from < h.expires_at order by last.from_pos desc limit 1)`,
      values: [...valuesOf(question, after), question.knownAt],
    });
    count += Number(rows[0]?.ended);
  }
  return count;
}

/** Finds for each account the last event of some types that had been recorded when its end came. @param ended at most 1,000 */
export async function lastPlacesOf(
  database: Queryable,
  { tenant, knownAt }: Pick<Question, 'tenant' | 'knownAt'>,
  ended: readonly Pick<EndedAccount, 'account' | 'endedAt'>[],
  types: readonly string[],
): Promise<readonly EventPlace[]> {
  if (ended.length === 0) return [];
  const { rows } = await database.query<EventPlace>({
    name: 'reports.last_places_of_accounts',
    text: `select found.* from unnest($3::uuid[], $4::timestamptz[]) asked(account, at) cross join lateral (
             select e.position, e.tenant, e.tenant_position, e.event_id, e.stream, e.revision, e.sealed_at
             from read_model.events_v1 e
             where e.account = asked.account and e.tenant = $1 and e.position <= $2 and e.type = any($5::text[])
               and e.recorded_at <= asked.at
             order by e.position desc limit 1) found order by found.position`,
    values: [tenant, knownAt, ended.map(({ account }) => account), ended.map(({ endedAt }) => endedAt), types],
  });
  return rows;
}
