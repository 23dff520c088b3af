import type { Queryable } from '#libs/database';

/** A line of a tenant's part of the sealed log. */
export interface TenantLine {
  readonly position: number;
  readonly tenantPosition: number;
}

/**
 * Finds a tenant's last line at or before a position of the sealed log by halving: two dozen look-ups however long the log is, and no
 * assumption that nothing is missing.
 * @returns its tenant position, -1 where there is none
 */
export async function tenantPositionAt(database: Queryable, tenant: string, position: number): Promise<number> {
  let low = -1;
  let high = (await lastLine(database, tenant))?.tenantPosition ?? -1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const line = await lineFrom(database, tenant, middle);
    if (line !== null && line.position <= position) low = line.tenantPosition;
    else high = middle - 1;
  }
  return low;
}

/** The first line of a tenant at or after a tenant position; null where there is none. */
export async function lineFrom(
  database: Queryable,
  tenant: string,
  tenantPosition: number,
): Promise<TenantLine | null> {
  const { rows } = await database.query<TenantLine>({
    name: 'reports.line_from',
    text: `select position, tenant_position as "tenantPosition" from ledger.sealed_log
           where tenant = $1 and tenant_position >= $2 order by tenant_position limit 1`,
    values: [tenant, tenantPosition],
  });
  return rows[0] ?? null;
}

async function lastLine(database: Queryable, tenant: string): Promise<TenantLine | null> {
  const { rows } = await database.query<TenantLine>({
    name: 'reports.last_line',
    text: `select position, tenant_position as "tenantPosition" from ledger.sealed_log
           where tenant = $1 order by tenant_position desc limit 1`,
    values: [tenant],
  });
  return rows[0] ?? null;
}

/**
 * Reads positions of the sealed log, a tenant's own, ascending.
 * @param after tenant position, exclusive
 * @param through tenant position, inclusive
 */
export async function tenantLines(
  database: Queryable,
  tenant: string,
  { after, through, limit }: { readonly after: number; readonly through: number; readonly limit: number },
): Promise<readonly TenantLine[]> {
  const { rows } = await database.query<TenantLine>({
    name: 'reports.tenant_lines',
    text: `select position, tenant_position as "tenantPosition" from ledger.sealed_log
           where tenant = $1 and tenant_position > $2 and tenant_position <= $3 order by tenant_position limit $4`,
    values: [tenant, after, through, limit],
  });
  return rows;
}
