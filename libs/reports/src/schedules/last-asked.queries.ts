import type { Queryable } from '#libs/database';

/**
 * When a schedule was last acted upon, ISO-8601 UTC; null for never. What a clock asked for that ran ahead says nothing about now.
 * @param notAfter now
 */
export async function lastAskedAt(
  database: Queryable,
  { tenant, schedule, notAfter }: { readonly tenant: string; readonly schedule: string; readonly notAfter: string },
): Promise<string | null> {
  const { rows } = await database.query<{ at: Date | null }>(
    'select max(scheduled_for) as at from reports.jobs where tenant = $1 and schedule = $2 and scheduled_for <= $3',
    [tenant, schedule, notAfter],
  );
  return rows[0]?.at?.toISOString() ?? null;
}
