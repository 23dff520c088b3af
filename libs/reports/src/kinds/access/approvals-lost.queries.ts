import type { Queryable } from '#libs/database';
import type { EventPlace } from '#libs/read-model';
import type { Question } from '../../question.js';

/** An elevation by its stream, and the account that it is for. */
export interface ElevationOf {
  readonly account: string;
  readonly stream: string;
}

/** Types of events by which somebody approves of an elevation, or nobody needs to. */
const APPROVING = ['ElevationApproved', 'ElevationExtended'];

/** Accounts whose events one statement goes through. */
const ACCOUNTS_PER_STATEMENT = 20;

/**
 * Events that may say that somebody approved of one of these elevations, and of which the read model has no approval. The events of an
 * account are gone through once, however many of its elevations are asked about.
 */
export async function approvalsUnseen(
  database: Queryable,
  { tenant, knownAt }: Pick<Question, 'tenant' | 'knownAt'>,
  elevations: readonly ElevationOf[],
): Promise<readonly EventPlace[]> {
  const accounts = [...new Set(elevations.map(({ account }) => account))];
  const streams = [...new Set(elevations.map(({ stream }) => stream))];
  const unseen: EventPlace[] = [];
  for (let at = 0; at < accounts.length; at += ACCOUNTS_PER_STATEMENT) {
    const { rows } = await database.query<EventPlace>({
      name: 'reports.approvals_unseen',
      text: `with approving as materialized (
               select position, tenant, tenant_position, event_id, stream, revision, sealed_at from read_model.events_v1
               where account = any($3::uuid[]) and stream = any($4::text[]) and type = any($5::text[]) and tenant = $1 and position <= $2)
             select * from approving e where not exists (
               select 1 from read_model.grant_approvals_v1 a
               where a.tenant = $1 and a.elevation = split_part(e.stream, '+', 2)::uuid and a.position = e.position)
             order by position`,
      values: [tenant, knownAt, accounts.slice(at, at + ACCOUNTS_PER_STATEMENT), streams, APPROVING],
    });
    unseen.push(...rows);
  }
  return unseen;
}
