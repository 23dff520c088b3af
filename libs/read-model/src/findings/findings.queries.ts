import type { FindingKind } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type ListPlace, type Page, pageOf } from '../page.js';
import type { FindingRow, HeldRole, RecordedAction } from './findings.table.js';

/** A finding. Instants as Dates, except inside `acted`. */
export interface FindingRecord {
  readonly tenant: string;
  readonly finding: string;
  readonly kind: FindingKind;
  readonly code: string;
  readonly policy: string | null;
  readonly policyVersion: number | null;
  readonly account: string | null;
  readonly grant: string | null;
  readonly role: string | null;
  readonly connection: string | null;
  /** The event that shows it. */
  readonly event: string | null;
  readonly since: Date | null;
  readonly details: FindingRow['details'];
  readonly held: readonly HeldRole[] | null;
  readonly owner: string | null;
  /** At the instant asked about: what was accepted until then is open again. */
  readonly status: FindingRow['status'];
  readonly raisedAt: Date;
  /** Order of lists; of the last time it was raised. */
  readonly raisedPosition: number;
  readonly raisedEvent: string;
  readonly timesRaised: number;
  readonly acceptedUntil: Date | null;
  readonly acceptedBy: string | null;
  readonly acted: RecordedAction | null;
  readonly resolvedAt: Date | null;
  readonly resolvedCode: string | null;
  readonly resolvedBy: string | null;
}

/** Which findings. */
export interface FindingListQuery extends ListPlace {
  readonly tenant: string;
  /** ISO-8601 UTC. */
  readonly now: string;
  readonly kind?: string | undefined;
  readonly code?: string | undefined;
  readonly status?: readonly string[] | undefined;
  readonly owner?: string | undefined;
  readonly policy?: string | undefined;
  readonly account?: string | undefined;
  readonly connection?: string | undefined;
}

/** `$1` is the instant asked about. */
const STATUS = `case when f.status = 'accepted' and f.accepted_until <= $1::timestamptz then 'open' else f.status end`;
const SELECT = `
  select f.tenant, f.finding, f.kind, f.code, f.policy, f.policy_version as "policyVersion", f.account, f.grant_id as "grant", f.role,
    f.connection, f.shown_by as event, f.since, f.details, f.held, f.owner, ${STATUS} as status, f.raised_at as "raisedAt",
    f.raised_pos as "raisedPosition", f.raised_event as "raisedEvent", f.times_raised as "timesRaised",
    f.accepted_until as "acceptedUntil", f.accepted_by as "acceptedBy", f.acted, f.resolved_at as "resolvedAt",
    f.resolved_code as "resolvedCode", f.resolved_by as "resolvedBy"
  from read_model.findings_v2 f`;

/** Findings of a tenant in the order in which they were last raised. */
export async function findFindings(database: Queryable, query: FindingListQuery): Promise<Page<FindingRecord>> {
  const where = new Conditions();
  where.value(query.now);
  where
    .andEqual('f.tenant', query.tenant)
    .andEqual('f.kind', query.kind)
    .andEqual('f.code', query.code)
    .andAnyOf(`(${STATUS})`, 'text', query.status)
    .andEqual('f.owner', query.owner)
    .andEqual('f.policy', query.policy)
    .andEqual('f.account', query.account)
    .andEqual('f.connection', query.connection)
    .andWithin('f.raised_pos', query);
  if (query.status && !query.status.includes('resolved')) where.and(`f.status <> 'resolved'`);
  const { rows } = await database.query<FindingRecord>(
    `${SELECT} where ${where.text} order by f.raised_pos limit ${where.value(query.limit + 1)}`,
    where.values,
  );
  return pageOf(rows, query.limit);
}

/** One finding; null where the tenant has none of this id. @param query.now ISO-8601 UTC */
export async function findFinding(
  database: Queryable,
  { tenant, finding, now }: { readonly tenant: string; readonly finding: string; readonly now: string },
): Promise<FindingRecord | null> {
  const { rows } = await database.query<FindingRecord>({
    name: 'read_model.finding',
    text: `${SELECT} where f.tenant = $2 and f.finding = $3`,
    values: [now, tenant, finding],
  });
  return rows[0] ?? null;
}

/** The status of findings as it was recorded, by id; findings that were never raised are left out. @param query.findings at most 5,000 */
export async function findStandingFindings(
  database: Queryable,
  { tenant, findings }: { readonly tenant: string; readonly findings: readonly string[] },
): Promise<ReadonlyMap<string, FindingRow['status']>> {
  const { rows } = await database.query<Pick<FindingRow, 'finding' | 'status'>>({
    name: 'read_model.standing_findings',
    text: 'select finding, status from read_model.findings_v2 where tenant = $1 and finding = any($2::uuid[])',
    values: [tenant, findings],
  });
  return new Map(rows.map(({ finding, status }) => [finding, status]));
}

/** How many findings of a kind have a status. */
export interface FindingCount {
  readonly kind: FindingKind;
  readonly status: FindingRow['status'];
  readonly count: number;
}

/** Findings of a tenant by kind and status, those that are not resolved only. @param query.now ISO-8601 UTC */
export async function countFindings(
  database: Queryable,
  { tenant, now }: { readonly tenant: string; readonly now: string },
): Promise<FindingCount[]> {
  const { rows } = await database.query<FindingCount>({
    name: 'read_model.finding_counts',
    text: `select f.kind, ${STATUS} as status, count(*)::int as count from read_model.findings_v2 f
           where f.tenant = $2 and f.status <> 'resolved' group by 1, 2 order by 1, 2`,
    values: [now, tenant],
  });
  return rows;
}
