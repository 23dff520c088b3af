import type { Queryable } from '#libs/database';
import type { RowReferences } from './row-references.js';

/** Finds the grant that an event gave to an account; null where it gave none of that role. */
export async function givenGrant(
  database: Queryable,
  tenant: string,
  { account, role, position }: NonNullable<RowReferences['given']>,
): Promise<string | null> {
  const { rows } = await database.query<{ grant: string }>({
    name: 'reports.given_grant',
    text: `select grant_id as "grant" from read_model.grant_origins_v1
           where tenant = $1 and account = $2 and role = $3 and position = $4 order by grant_id limit 1`,
    values: [tenant, account, role, position],
  });
  return rows[0]?.grant ?? null;
}
