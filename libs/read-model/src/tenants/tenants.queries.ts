import type { Queryable } from '#libs/database';

/** Ids of all customer tenants, in alphabetical order. */
export async function listTenantIds(database: Queryable): Promise<string[]> {
  const { rows } = await database.query<{ tenant: string }>({
    name: 'read_model.tenant_ids',
    text: 'select tenant from read_model.tenants_v1 order by tenant',
  });
  return rows.map(({ tenant }) => tenant);
}
