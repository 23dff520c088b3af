import type { Queryable } from '#libs/database';

/** What a database says of itself. */
export interface Belonging {
  /** Made by the database, once; a restored backup has the same. */
  readonly databaseId: string;
  /** Id of the installation that it belongs to; `null` before its first start. */
  readonly installation: string | null;
  /** Whether the log was seen to have begun: from then on an empty store is a lost one. */
  readonly logBegun: boolean;
}

const COLUMNS = `database_id as "databaseId", installation, log_begun as "logBegun"`;

/** Gives the database an id of its own, unless it has one. */
export async function beginBelonging(database: Queryable): Promise<void> {
  await database.query('insert into ledger.belonging default values on conflict (id) do nothing');
}

/** Takes the database's id away: databases that are copied from this one must not share it. For a database that was never used. */
export async function endBelonging(database: Queryable): Promise<void> {
  await database.query('delete from ledger.belonging where installation is null and not log_begun');
}

/** Reads which installation the database belongs to. */
export async function readBelonging(database: Queryable): Promise<Belonging> {
  const { rows } = await database.query<Belonging>(`select ${COLUMNS} from ledger.belonging`);
  return rows[0] as Belonging;
}

/** Writes down the installation of a database that has none yet; of processes that start at once the first decides. */
export async function bindInstallation(database: Queryable, installation: string): Promise<Belonging> {
  await database.query('update ledger.belonging set installation = $1 where installation is null', [installation]);
  return readBelonging(database);
}

/** Writes down that the log has begun. A repeat changes nothing. */
export async function recordLogBegun(database: Queryable): Promise<void> {
  await database.query('update ledger.belonging set log_begun = true where not log_begun');
}
