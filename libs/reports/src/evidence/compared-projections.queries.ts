import type { ProjectionVerified } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { INSTALLATION_TENANT, type SealedEvent } from '#libs/kernel';
import { type EventPlace, PROJECTIONS, readEventBodies } from '#libs/read-model';
import type { ComparedProjection } from '../evidence.js';
import type { ReportSource } from '../report-kind.js';

/** Comparisons that are read at a time, and how often: the newest of each projection are among the last few. */
const PAGE = 50;
const MOST_PAGES = 10;

type Compared = Omit<SealedEvent, 'data'> & { readonly data: ProjectionVerified['data'] };

/** What is known of a projection that nobody has compared. */
const NEVER = { position: null, digest: null, differences: null, verifiedAt: null } as const;

/**
 * Every projection that there is, in its present version, with its newest comparison with the log; one that is not among the last 500
 * comparisons was never compared, for all that is said here. In the order of the projections.
 */
export async function comparedProjections({ database, store, reader }: ReportSource): Promise<ComparedProjection[]> {
  const newest = new Map<string, ComparedProjection>();
  let before = Number.MAX_SAFE_INTEGER;
  for (let pages = 0; pages < MOST_PAGES && newest.size < PROJECTIONS.length; pages += 1) {
    const places = await comparisonsBefore(database, before);
    const events = (await readEventBodies({ store, reader }, places, false)) as Compared[];
    for (const event of events) remember(newest, event);
    const last = places.at(-1);
    if (places.length < PAGE || !last) break;
    before = last.position;
  }
  return PROJECTIONS.map(({ name, version }) => newest.get(name) ?? { projection: name, version, ...NEVER });
}

/** The newest come first. */
function remember(newest: Map<string, ComparedProjection>, { data, recordedAt }: Compared): void {
  const { projection, version, position, digest, differences } = data;
  const isPresent = PROJECTIONS.some((one) => one.name === projection && one.version === version);
  if (!isPresent || newest.has(projection)) return;
  const differing = differences.reduce((sum, { missing, surplus, changed }) => sum + missing + surplus + changed, 0);
  newest.set(projection, { projection, version, position, digest, differences: differing, verifiedAt: recordedAt });
}

async function comparisonsBefore(database: Queryable, before: number): Promise<EventPlace[]> {
  const { rows } = await database.query<EventPlace>({
    name: 'reports.comparisons',
    text: `select position, tenant, tenant_position, event_id, stream, revision, sealed_at from read_model.events_v1
           where type = 'ProjectionVerified' and tenant = $1 and position < $2 order by position desc limit ${PAGE}`,
    values: [INSTALLATION_TENANT, before],
  });
  return rows;
}
