import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type ListPlace, type Page, pageOf } from '../page.js';
import type { ElevationRow, RecordedApproval } from './elevations.table.js';

/** An elevation. Instants as Dates, except inside `approvals`. */
export interface ElevationRecord {
  readonly tenant: string;
  readonly elevation: string;
  readonly account: string;
  readonly role: string;
  readonly policy: string;
  readonly policyVersion: number;
  readonly durationMs: number;
  readonly requestedBy: string | null;
  readonly requestedVia: string;
  /** `kind:id` of who sent the request. */
  readonly filedBy: string;
  readonly approvers: readonly string[];
  readonly approvalsNeeded: number;
  readonly approvals: readonly RecordedApproval[];
  readonly breakGlass: boolean;
  readonly validUntil: Date;
  readonly status: ElevationRow['status'];
  /** The newest grant. */
  readonly grant: string | null;
  readonly grants: readonly string[];
  readonly effectiveAt: Date | null;
  /** Exclusive. */
  readonly until: Date | null;
  readonly requestedAt: Date;
  /** Order of lists. */
  readonly requestedPosition: number;
  readonly requestedEvent: string;
  readonly approvedAt: Date | null;
  readonly approvedEvent: string | null;
  readonly refusedCode: string | null;
  /** When it ceased to count. */
  readonly endedAt: Date | null;
  readonly endedCode: string | null;
  readonly decidedBy: string | null;
  /** Personal. */
  readonly reason: string;
}

/** Which elevations. */
export interface ElevationListQuery extends ListPlace {
  readonly tenant: string;
  readonly status?: readonly string[] | undefined;
  readonly account?: string | undefined;
  readonly role?: string | undefined;
  readonly requestedBy?: string | undefined;
  /** Who may approve. */
  readonly approver?: string | undefined;
  /** Who gets it, asked for it, or may approve. */
  readonly concerning?: string | undefined;
  /** The newest first; then `after` is where to go on downwards. Default false. */
  readonly newestFirst?: boolean | undefined;
}

const COLUMNS = `e.tenant, e.elevation, e.account, e.role, e.policy, e.policy_version as "policyVersion", e.duration_ms as "durationMs",
  e.requested_by as "requestedBy", e.requested_via as "requestedVia", e.filed_by as "filedBy", e.approvers,
  e.approvals_needed as "approvalsNeeded", e.approvals, e.break_glass as "breakGlass", e.valid_until as "validUntil", e.status,
  e.grant_id as "grant", e.grants, e.effective_at as "effectiveAt", e.ends_at as until, e.requested_at as "requestedAt",
  e.requested_pos as "requestedPosition", e.requested_event as "requestedEvent", e.approved_at as "approvedAt",
  e.approved_event as "approvedEvent", e.refused_code as "refusedCode", e.ended_at as "endedAt", e.ended_code as "endedCode",
  e.decided_by as "decidedBy", e.reason`;

/** Elevations of a tenant in the order in which they were asked for. */
export async function findElevations(database: Queryable, query: ElevationListQuery): Promise<Page<ElevationRecord>> {
  const { after, through, limit, newestFirst = false } = query;
  const where = new Conditions()
    .andEqual('e.tenant', query.tenant)
    .andAnyOf('e.status', 'text', query.status)
    .andEqual('e.account', query.account)
    .andEqual('e.role', query.role)
    .andEqual('e.requested_by', query.requestedBy)
    .andIf(query.approver, mayApprove)
    .andIf(
      query.concerning,
      (place) => `(e.account = ${place}::uuid or e.requested_by = ${place}::uuid or ${mayApprove(place)})`,
    )
    .andIf(after, (place) => `e.requested_pos ${newestFirst ? '<' : '>'} ${place}`)
    .andIf(through, (place) => `e.requested_pos <= ${place}`);
  const { rows } = await database.query<ElevationRecord>(
    `select ${COLUMNS} from read_model.elevations_v1 e where ${where.text}
     order by e.requested_pos ${newestFirst ? 'desc' : 'asc'} limit ${where.value(limit + 1)}`,
    where.values,
  );
  return pageOf(rows, limit);
}

const mayApprove = (place: string) => `e.approvers @> jsonb_build_array(${place}::text)`;

/** One elevation; null where the tenant has none of this id. */
export async function findElevation(
  database: Queryable,
  { tenant, elevation }: { readonly tenant: string; readonly elevation: string },
): Promise<ElevationRecord | null> {
  const { rows } = await database.query<ElevationRecord>({
    name: 'read_model.elevation',
    text: `select ${COLUMNS} from read_model.elevations_v1 e where e.tenant = $1 and e.elevation = $2`,
    values: [tenant, elevation],
  });
  return rows[0] ?? null;
}

/** An elevation about which something is to be done, and what. */
export interface DueElevation extends ElevationRecord {
  /**
   * `lapse`: nobody answered in time. `end`: its time is over. `grant`: approved more than five seconds ago, and the grant is not there.
   * `revoked`: its newest grant was ended otherwise.
   */
  readonly due: 'lapse' | 'end' | 'grant' | 'revoked';
  /** The event that ended the grant, and when it ceased to count; only for `revoked`. */
  readonly grantEnded: { readonly event: string; readonly at: string } | null;
}

/** How long an approved elevation may be without its grant before somebody looks after it: the two are in different streams. */
const GRANT_PATIENCE = `interval '5 seconds'`;

/**
 * Elevations of every tenant about which something is to be done.
 * @param query.now ISO-8601 UTC
 * @param query.limit of each kind, 1–1,000
 */
export async function findDueElevations(
  database: Queryable,
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<DueElevation[]> {
  const due = (what: DueElevation['due'], ended: string, rest: string) =>
    `(select ${COLUMNS}, '${what}' as due, ${ended} as "grantEnded" from read_model.elevations_v1 e ${rest} limit $2)`;
  const newest = 'g.tenant = e.tenant and g.grant_id = e.grant_id and g.to_pos is null';
  const { rows } = await database.query<DueElevation>({
    name: 'read_model.due_elevations',
    text: [
      due('lapse', NOT_ENDED, `where e.status = 'requested' and e.valid_until <= $1 order by e.valid_until`),
      due('end', NOT_ENDED, `where e.status = 'active' and e.ends_at <= $1 order by e.ends_at`),
      due(
        'grant',
        NOT_ENDED,
        `where e.status = 'active' and e.ends_at > $1 and e.approved_at <= $1::timestamptz - ${GRANT_PATIENCE}
           and not exists (select 1 from read_model.grants_v1 g where ${newest}) order by e.ends_at`,
      ),
      due(
        'revoked',
        ENDED,
        `join read_model.grants_v1 g on ${newest} and g.revoked_pos is not null
         where e.status = 'active' and e.ends_at > $1 order by e.ends_at`,
      ),
    ].join(' union all '),
    values: [now, limit],
  });
  return rows;
}

const NOT_ENDED = 'null::jsonb';
const ENDED = `jsonb_build_object('event', g.revoked_event,
  'at', to_char(g.valid_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
