import type { Queryable } from '#libs/database';

/** Most bytes, packed, that rows and files of one tenant's reports take: 20 GiB. One report of 50 million rows may go beyond, no further one. */
export const KEPT_BYTES_MAX = 20 * 1024 ** 3;

/**
 * Whether the reports that are kept of a tenant take all the room that they may.
 * @param except a report that is not counted: one that begins anew writes over what it has left behind itself
 */
export async function isTooMuchKept(
  database: Queryable,
  tenant: string,
  except: string | null = null,
): Promise<boolean> {
  const { rows } = await database.query<{ bytes: number }>({
    name: 'reports.kept_bytes',
    text: `select (select coalesce(sum(kept_bytes), 0)::bigint from reports.jobs where tenant = $1 and not swept)
             - coalesce((select kept_bytes from reports.jobs where id = $2::uuid), 0) as bytes`,
    values: [tenant, except],
  });
  return (rows[0]?.bytes ?? 0) >= KEPT_BYTES_MAX;
}
