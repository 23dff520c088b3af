import type { Queryable } from '#libs/database';
import { hasItsSuccessor, SOURCE_HEARD_BY } from '#libs/read-model';
import { lastHeard } from '../../histories/last-heard.queries.js';
import type { Question } from '../../question.js';
import type { SourceThen } from './orphan.fold.js';

const BEGUN_BY = ['ConnectionRegistered', 'ConnectionEnabled'];

type SourceRow = Omit<SourceThen, 'begunAt' | 'heardAt'> & {
  readonly begunAt: Date | null;
  /** Whether it is there, and no later version of it is lost. */
  readonly whole: boolean;
};

/** Nothing that followed a version by the position is lost. */
const WHOLE = hasItsSuccessor('read_model.connections_v2', { row: 'v', key: 'connection', knownAt: '$3::bigint' });

/** Events of the tenant that count at the instant. */
const COUNTING = 'e.tenant = $1 and e.position <= $3 and e.recorded_at <= $2::timestamptz';

/**
 * The connections of a tenant as they stood at the instant of the question, by id; they are as many as people made. When one began is looked
 * for among the few events that begin connections; null stands for one that began although how it stood has been lost.
 */
export async function sourcesAsOf(
  database: Queryable,
  question: Question,
): Promise<ReadonlyMap<string, SourceThen | null>> {
  const { tenant, asOf, knownAt } = question;
  const { rows } = await database.query<SourceRow>({
    name: 'reports.sources_as_of',
    text: `with begun as materialized (
             select distinct on (e.connection) e.connection, e.recorded_at as at from read_model.events_v1 e
             where e.type = any($4::text[]) and ${COUNTING} order by e.connection, e.position desc),
           source as materialized (
             select distinct on (v.connection) v.connection, v.removed, v.enabled, ${WHOLE} as whole
             from read_model.connections_v2 v join read_model.events_v1 e on e.position = v.from_pos
             where v.tenant = $1 and ${COUNTING} order by v.connection, v.from_pos desc)
           select connection, removed, enabled, coalesce(whole, false) as whole, begun.at as "begunAt"
           from source full join begun using (connection)`,
    values: [tenant, asOf, knownAt, BEGUN_BY],
  });
  const connections = rows.map(({ connection }) => connection);
  const heard = await lastHeard(database, question, connections, { types: SOURCE_HEARD_BY, orByItself: false });
  return new Map(
    rows.map(({ begunAt, whole, ...source }) => {
      if (!whole) return [source.connection, null];
      const heardAt = heard.get(source.connection)?.toISOString() ?? null;
      return [source.connection, { ...source, begunAt: begunAt?.toISOString() ?? null, heardAt }];
    }),
  );
}
