import type { ConnectionSettings } from '#libs/contracts';
import type { Queryable } from '#libs/database';

/** A connection at one of its versions, and which event made it so. */
export interface ConnectionVersion {
  readonly version: number;
  readonly settings: ConnectionSettings;
  readonly settingsEvent: string;
}

/** The settings of a connection at a version; null when there was no such version. */
export async function findConnectionVersion(
  database: Queryable,
  tenant: string,
  connection: string,
  version: number,
): Promise<ConnectionVersion | null> {
  const { rows } = await database.query<ConnectionVersion>({
    name: 'read_model.connection_version',
    text: `select version, settings, settings_event as "settingsEvent" from read_model.connections_v2
           where tenant = $1 and connection = $2 and version = $3 order by from_pos limit 1`,
    values: [tenant, connection, version],
  });
  return rows[0] ?? null;
}

/** The first version of a connection in which a rule stood at a version; null when it never did. */
export async function findRuleVersion(
  database: Queryable,
  { tenant, connection, rule, ruleVersion }: { tenant: string; connection: string; rule: string; ruleVersion: number },
): Promise<ConnectionVersion | null> {
  const { rows } = await database.query<ConnectionVersion>({
    name: 'read_model.rule_version',
    text: `select version, settings, settings_event as "settingsEvent" from read_model.connections_v2
           where tenant = $1 and connection = $2 and settings->'rules' @> $3::jsonb order by from_pos limit 1`,
    values: [tenant, connection, JSON.stringify([{ id: rule, version: ruleVersion }])],
  });
  return rows[0] ?? null;
}
