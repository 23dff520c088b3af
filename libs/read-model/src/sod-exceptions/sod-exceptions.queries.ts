import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type ListPlace, type Page, pageOf } from '../page.js';
import type { SodExceptionRow } from './sod-exceptions.table.js';

/** An exception from segregation of duties. Instants as Dates. */
export interface SodExceptionRecord {
  readonly tenant: string;
  readonly exception: string;
  readonly policy: string;
  readonly account: string;
  /** Who answers for it: userName or verified e-mail address. Personal, as the two texts are. */
  readonly owner: string;
  readonly control: string;
  readonly reason: string;
  /** Exclusive. */
  readonly until: Date;
  readonly grantedBy: string | null;
  readonly grantedAt: Date;
  /** Order of lists. */
  readonly grantedPosition: number;
  readonly grantedEvent: string;
  /** At the instant asked about: what is past its end is over. */
  readonly status: SodExceptionRow['status'];
  readonly endedAt: Date | null;
  readonly endedCode: string | null;
  readonly endedBy: string | null;
}

/** Which exceptions. */
export interface SodExceptionListQuery extends ListPlace {
  readonly tenant: string;
  /** ISO-8601 UTC. */
  readonly now: string;
  readonly policy?: string | undefined;
  readonly account?: string | undefined;
  readonly status?: readonly string[] | undefined;
}

/** `$1` is the instant asked about. */
const STATUS = `case when x.ends_at <= $1::timestamptz then 'ended' else x.status end`;
const selectWith = (status: string) => `
  select x.tenant, x.exception, x.policy, x.account, x.owner, x.control, x.reason, x.ends_at as until, x.granted_by as "grantedBy",
    x.granted_at as "grantedAt", x.granted_pos as "grantedPosition", x.granted_event as "grantedEvent", ${status} as status,
    x.ended_at as "endedAt", x.ended_code as "endedCode", x.ended_by as "endedBy"
  from read_model.sod_exceptions_v1 x`;

/** Exceptions of a tenant in the order in which they were given. */
export async function findSodExceptions(
  database: Queryable,
  query: SodExceptionListQuery,
): Promise<Page<SodExceptionRecord>> {
  const where = new Conditions();
  where.value(query.now);
  where
    .andEqual('x.tenant', query.tenant)
    .andEqual('x.policy', query.policy)
    .andEqual('x.account', query.account)
    .andAnyOf(`(${STATUS})`, 'text', query.status)
    .andWithin('x.granted_pos', query);
  const { rows } = await database.query<SodExceptionRecord>(
    `${selectWith(STATUS)} where ${where.text} order by x.granted_pos limit ${where.value(query.limit + 1)}`,
    where.values,
  );
  return pageOf(rows, query.limit);
}

/** One exception; null where the tenant has none of this id. @param query.now ISO-8601 UTC */
export async function findSodException(
  database: Queryable,
  { tenant, exception, now }: { readonly tenant: string; readonly exception: string; readonly now: string },
): Promise<SodExceptionRecord | null> {
  const { rows } = await database.query<SodExceptionRecord>({
    name: 'read_model.sod_exception',
    text: `${selectWith(STATUS)} where x.tenant = $2 and x.exception = $3`,
    values: [now, tenant, exception],
  });
  return rows[0] ?? null;
}

/**
 * Exceptions of every tenant whose end is not recorded and lies at an instant or before it, the next to end first.
 * @param query.before inclusive, ISO-8601 UTC
 * @param query.after the last one of the page before
 */
export async function findExceptionsEnding(
  database: Queryable,
  query: {
    readonly before: string;
    readonly after?: Pick<SodExceptionRecord, 'until' | 'exception'>;
    readonly limit: number;
  },
): Promise<SodExceptionRecord[]> {
  const { rows } = await database.query<SodExceptionRecord>({
    name: 'read_model.exceptions_ending',
    text: `${selectWith('x.status')} where x.status = 'open' and x.ends_at <= $1
             and ($2::timestamptz is null or (x.ends_at, x.exception) > ($2, $3::uuid))
           order by x.ends_at, x.exception limit $4`,
    values: [query.before, query.after?.until ?? null, query.after?.exception ?? null, query.limit],
  });
  return rows;
}
