import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type ListPlace, type Page, pageOf } from '../page.js';
import type { ChangeApproval, HeldChangeRow } from './held-changes.table.js';

/** A change held for a second person. Instants as Dates, except inside `approvals`. */
export interface HeldChangeRecord {
  readonly tenant: string;
  readonly change: string;
  readonly area: string;
  readonly kind: string;
  readonly target: string;
  readonly ofVersion: number | null;
  readonly changed: readonly string[];
  /** `kind:id`. */
  readonly requestedBy: string;
  readonly approvalsNeeded: number;
  readonly approvals: readonly ChangeApproval[];
  readonly validUntil: Date | null;
  readonly status: HeldChangeRow['status'];
  /** Whether it was made at once although it should have waited. */
  readonly emergency: boolean;
  readonly heldAt: Date;
  /** Order of lists. */
  readonly heldPosition: number;
  readonly heldEvent: string;
  readonly refusedCode: string | null;
  readonly refusedBy: string | null;
  readonly appliedAt: Date | null;
  /** Ids of the events that made the change. */
  readonly events: readonly string[];
  /** Personal. */
  readonly reason: string | null;
}

/** Which changes. */
export interface HeldChangeListQuery extends ListPlace {
  readonly tenant: string;
  readonly status?: readonly string[] | undefined;
  readonly area?: string | undefined;
  readonly kind?: string | undefined;
  readonly target?: string | undefined;
  readonly emergency?: boolean | undefined;
}

const COLUMNS = `tenant, change, area, kind, target, of_version as "ofVersion", changed, requested_by as "requestedBy",
  approvals_needed as "approvalsNeeded", approvals, valid_until as "validUntil", status, emergency, held_at as "heldAt",
  held_pos as "heldPosition", held_event as "heldEvent", refused_code as "refusedCode", refused_by as "refusedBy",
  applied_at as "appliedAt", events, reason`;

/** Changes of a tenant in the order in which they were held. */
export async function findHeldChanges(
  database: Queryable,
  query: HeldChangeListQuery,
): Promise<Page<HeldChangeRecord>> {
  const where = new Conditions()
    .andEqual('tenant', query.tenant)
    .andAnyOf('status', 'text', query.status)
    .andEqual('area', query.area)
    .andEqual('kind', query.kind)
    .andEqual('target', query.target)
    .andEqual('emergency', query.emergency)
    .andWithin('held_pos', query);
  const { rows } = await database.query<HeldChangeRecord>(
    `select ${COLUMNS} from read_model.held_changes_v1 where ${where.text} order by held_pos limit ${where.value(query.limit + 1)}`,
    where.values,
  );
  return pageOf(rows, query.limit);
}

/** One change; null where the tenant has none of this id. */
export async function findHeldChange(
  database: Queryable,
  { tenant, change }: { readonly tenant: string; readonly change: string },
): Promise<HeldChangeRecord | null> {
  const { rows } = await database.query<HeldChangeRecord>({
    name: 'read_model.held_change',
    text: `select ${COLUMNS} from read_model.held_changes_v1 where tenant = $1 and change = $2`,
    values: [tenant, change],
  });
  return rows[0] ?? null;
}

/** A change about which something is to be done: nobody answered in time, or it was approved of and is not made yet. */
export type DueHeldChange = HeldChangeRecord & { readonly due: 'lapse' | 'apply' };

/** Changes of every tenant about which something is to be done, the first to lapse first. @param query.now ISO-8601 UTC */
export async function findDueHeldChanges(
  database: Queryable,
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<DueHeldChange[]> {
  const { rows } = await database.query<DueHeldChange>({
    name: 'read_model.due_held_changes',
    text: `select ${COLUMNS}, case status when 'held' then 'lapse' else 'apply' end as due from read_model.held_changes_v1
           where status in ('held', 'approved') and (status = 'approved' or valid_until <= $1)
           order by valid_until, change limit $2`,
    values: [now, limit],
  });
  return rows;
}

/** How many changes of a tenant wait for approval, lapsed ones aside. @param query.now ISO-8601 UTC */
export async function countWaitingChanges(
  database: Queryable,
  { tenant, now }: { readonly tenant: string; readonly now: string },
): Promise<number> {
  const { rows } = await database.query<{ waiting: number }>({
    name: 'read_model.waiting_changes',
    text: `select count(*)::int as waiting from read_model.held_changes_v1
           where tenant = $1 and status = 'held' and valid_until > $2::timestamptz`,
    values: [tenant, now],
  });
  return rows[0]?.waiting ?? 0;
}
