import type { Queryable } from '#libs/database';
import type { RowReferences } from './row-references.js';

/**
 * Finds the grant that an event gave to an account; null where it gave none of that role for that reason. One event may give a role by
 * several rules, each of which makes a grant of its own, and by one rule once.
 */
export async function givenGrant(
  database: Queryable,
  tenant: string,
  { account, role, position, connection, rule, ruleVersion }: NonNullable<RowReferences['given']>,
): Promise<string | null> {
  const { rows } = await database.query<{ grant: string }>({
    name: 'reports.given_grant',
    text: `select grant_id as "grant" from read_model.grants_v1
           where tenant = $1 and account = $2 and granted_pos = $3 and role = $4 and source_connection is not distinct from $5
             and source_rule is not distinct from $6 and source_rule_version is not distinct from $7::int
           order by grant_id limit 1`,
    values: [tenant, account, position, role, connection, rule, ruleVersion],
  });
  return rows[0]?.grant ?? null;
}
