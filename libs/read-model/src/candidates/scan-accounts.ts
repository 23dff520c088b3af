import type { Queryable } from '#libs/database';
import type { Scan } from '../page.js';

/** Accounts of a tenant, some at a time, in the order in which they were made. */
export interface AccountScanQuery {
  readonly tenant: string;
  /** Accounts past their end at this instant are passed over, ISO-8601 UTC; absent: an end is no matter. */
  readonly now?: string | undefined;
  /** `next` of the scan before. */
  readonly after?: number | undefined;
  /** Accounts that are looked at, 1–5,000: it bounds the time that the statement takes. */
  readonly limit: number;
}

/** What a scan asks about each account `a`, which is active. Values begin at `$5`. */
export interface AccountQuestion {
  /** Names the statement. */
  readonly name: string;
  /** Common table expressions, each followed by a comma. */
  readonly with?: string;
  /** What the account is joined with. */
  readonly joins: string;
  /** What is told of it. */
  readonly columns: string;
  /** Whether it is one of those looked for. */
  readonly condition: string;
  readonly values: readonly unknown[];
}

/** Looks at the next accounts and answers those for which the condition holds. */
export async function scanAccounts<T extends object>(
  database: Queryable,
  { tenant, now, after, limit }: AccountScanQuery,
  question: AccountQuestion,
): Promise<Scan<T>> {
  const { rows } = await database.query<{ position: number; isOne: boolean; found: T }>({
    name: `read_model.scan:${question.name}`,
    text: `with ${question.with ?? ''} page as materialized (
             select * from read_model.accounts_v1
             where tenant = $1 and provisioned_pos > $3 and status = 'active' and ($2::timestamptz is null or expires_at is null or $2 < expires_at)
             order by provisioned_pos limit $4)
           select a.provisioned_pos as position, coalesce(${question.condition}, false) as "isOne", ${question.columns}
           from page a ${question.joins} order by a.provisioned_pos`,
    values: [tenant, now ?? null, after ?? -1, limit, ...question.values],
  });
  const items = rows.filter(({ isOne }) => isOne).map(({ position: _position, isOne: _isOne, ...item }) => item as T);
  return { items, next: rows.length < limit ? null : (rows.at(-1)?.position ?? null) };
}
