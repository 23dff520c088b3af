import type { Queryable } from '#libs/database';

/** Which event of an account. */
export interface LastEventQuery {
  readonly tenant: string;
  readonly account: string;
  readonly type: string;
  /** Position, exclusive. */
  readonly after: number;
}

/** The last event of a type about an account after a position, as far as the index has come; null where there is none. */
export async function findLastEvent(
  database: Queryable,
  { tenant, account, type, after }: LastEventQuery,
): Promise<{ readonly event: string; readonly stream: string } | null> {
  const { rows } = await database.query<{ event: string; stream: string }>({
    name: 'read_model.last_event',
    text: `select event_id as event, stream from read_model.events_v1
           where account = $2 and tenant = $1 and type = $3 and position > $4::bigint order by position desc limit 1`,
    values: [tenant, account, type, after],
  });
  return rows[0] ?? null;
}
