import type { Queryable } from '#libs/database';

async function exists(
  database: Queryable,
  table: string,
  column: string,
  tenant: string,
  id: string,
): Promise<boolean> {
  const { rows } = await database.query<{ known: boolean }>({
    name: `read_model.known:${table}.${column}`,
    text: `select exists (select 1 from read_model.${table} where tenant = $1 and ${column} = $2) as known`,
    values: [tenant, id],
  });
  return rows[0]?.known ?? false;
}

/** Whether the tenant has, or had, a role of this id. */
export const roleIsKnown = (database: Queryable, tenant: string, role: string): Promise<boolean> =>
  exists(database, 'roles_v1', 'role', tenant, role);

/** Whether a role of the tenant is, or ever was, of this application. */
export const applicationIsKnown = (database: Queryable, tenant: string, application: string): Promise<boolean> =>
  exists(database, 'roles_v1', 'application', tenant, application);

/** Whether the tenant has, or had, a connection of this id. */
export const connectionIsKnown = (database: Queryable, tenant: string, connection: string): Promise<boolean> =>
  exists(database, 'connections_v2', 'connection', tenant, connection);

/** Whether any event of the tenant is about an account of this id; also where the account itself could not be taken in. */
export const isSubjectOfEvents = (database: Queryable, tenant: string, account: string): Promise<boolean> =>
  exists(database, 'events_v1', 'account', tenant, account);
