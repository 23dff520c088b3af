import type { Queryable } from '#libs/database';
import { POSITIONS_PER_STATEMENT } from '../events/event-places.queries.js';
import type { Question } from '../question.js';

/** What counts as having heard of a source. */
export interface HeardBy {
  readonly types: readonly string[];
  /** Whether any fact counts that the source stated itself, of whatever type. */
  readonly orByItself: boolean;
}

/** As of when: what was sealed later is not there, nor what was recorded after `asOf`, where it is an instant. */
type Asked = Pick<Question, 'tenant' | 'knownAt'> & { readonly asOf: string | null };

/**
 * When connections were last heard of, by id; without an entry, never. The log is looked through backwards, a stretch for all of them at
 * once: no statement takes long, whatever else happens through a connection, and whoever else has one of that name.
 */
export async function lastHeard(
  database: Queryable,
  { tenant, knownAt, asOf }: Asked,
  connections: readonly string[],
  { types, orByItself }: HeardBy,
): Promise<ReadonlyMap<string, Date>> {
  const heard = new Map<string, Date>();
  for (let through = knownAt; through >= 0 && heard.size < connections.length; through -= POSITIONS_PER_STATEMENT) {
    const waiting = connections.filter((connection) => !heard.has(connection));
    const { rows } = await database.query<{ connection: string; at: Date }>({
      name: 'reports.last_heard',
      text: `select distinct on (connection) connection, recorded_at as at from read_model.events_v1
             where tenant = $1 and connection = any($2::text[]) and position > $3 and position <= $4
               and (type = any($5::text[]) or ($6::boolean and actor = 'connection:' || connection))
               and ($7::timestamptz is null or recorded_at <= $7::timestamptz)
             order by connection, position desc`,
      values: [tenant, waiting, through - POSITIONS_PER_STATEMENT, through, types, orByItself, asOf],
    });
    for (const { connection, at } of rows) heard.set(connection, at);
  }
  return heard;
}
