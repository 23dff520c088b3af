import type { Database, Queryable } from '#libs/database';
import type { Projection } from '../projecting/projection.js';
import type { Table } from '../projecting/table.js';

const LIVE = 'read_model.';
const SHADOW = 'read_model_shadow.';

/** The table of the same name beside the live one. */
export const twinOfTable = (table: Table): Table => ({ ...table, name: table.name.replace(LIVE, SHADOW) });

/** The same projection, writing into the tables beside the live ones. */
export function twinOf(projection: Projection): Projection {
  const twins = new Map(projection.tables.map((table) => [table.name, twinOfTable(table)]));
  return {
    ...projection,
    tables: [...twins.values()],
    project: (event) =>
      projection.project(event).map((change) => ({ ...change, table: twins.get(change.table.name) as Table })),
  };
}

/**
 * Makes empty tables beside the live ones, the same in every column and right. On a PostgreSQL of its own only the primary keys are made
 * now: the other indexes are made faster when the rows are there (`finishTwins`).
 */
export async function createTwins(client: Queryable, kind: Database['kind'], projection: Projection): Promise<void> {
  for (const table of projection.tables) {
    const twin = twinOfTable(table);
    await client.query(`create table ${twin.name} (like ${table.name} including all excluding indexes)`);
    for (const { isPrimary, statement } of await indexesOf(client, table))
      if (isPrimary || kind === 'embedded') await client.query(statement);
    for (const statement of await rightsOf(client, table)) await client.query(statement);
  }
}

/** Makes the indexes that are still missing. Safe to repeat after an interruption. */
export async function finishTwins(
  database: Pick<Database, 'query' | 'transaction'>,
  projection: Projection,
): Promise<void> {
  for (const table of projection.tables) {
    const made = new Set((await indexesOf(database, twinOfTable(table))).map(({ name }) => name));
    for (const { name, statement } of await indexesOf(database, table))
      if (!made.has(name)) await unhurriedly(database, statement);
    await analyze(database, twinOfTable(table));
  }
}

/** Refreshes what the planner knows of a table. */
export const analyze = (database: Pick<Database, 'transaction'>, { name }: Pick<Table, 'name'>): Promise<void> =>
  unhurriedly(database, `analyze ${name}`);

/** A statement over a whole large table takes longer than any other may. */
async function unhurriedly(database: Pick<Database, 'transaction'>, statement: string): Promise<void> {
  await database.transaction((client) => client.query(statement), { unhurried: true });
}

/** Removes the tables beside the live ones, as far as they are there. */
export async function dropTwins(client: Queryable, projection: Projection): Promise<void> {
  for (const table of projection.tables) await client.query(`drop table if exists ${twinOfTable(table).name}`);
}

/**
 * Puts the twins in the place of the live tables. Whoever asks meanwhile waits for the end of the transaction and gets the new ones;
 * PostgreSQL removes the files of the old ones after that.
 */
export async function switchTables(client: Queryable, projection: Projection): Promise<void> {
  for (const table of projection.tables) {
    await client.query(`drop table ${table.name}`);
    await client.query(`alter table ${twinOfTable(table).name} set schema read_model`);
  }
}

interface IndexOfTable {
  readonly name: string;
  readonly isPrimary: boolean;
  /** Makes the same index, under the same name, on the twin. */
  readonly statement: string;
}

async function indexesOf(client: Queryable, table: Table): Promise<IndexOfTable[]> {
  const { rows } = await client.query<{ name: string; isPrimary: boolean; constraint: string | null; index: string }>({
    text: `select quote_ident(c.relname) as name, i.indisprimary as "isPrimary", pg_get_constraintdef(o.oid) as constraint,
                  pg_get_indexdef(i.indexrelid) as index
           from pg_index i join pg_class c on c.oid = i.indexrelid
           left join pg_constraint o on o.conindid = i.indexrelid and o.conrelid = i.indrelid and o.contype in ('p', 'u', 'x')
           where i.indrelid = $1::regclass order by i.indisprimary desc, c.relname`,
    values: [table.name],
  });
  const twin = twinOfTable(table).name;
  return rows.map(({ name, isPrimary, constraint, index }) => ({
    name,
    isPrimary,
    statement: constraint
      ? `alter table ${twin} add constraint ${name} ${constraint}`
      : index.replace(` ON ${table.name} `, ` ON ${twin} `),
  }));
}

/** Rights that an operator gave to others, for instance to a reporting tool. */
async function rightsOf(client: Queryable, table: Table): Promise<string[]> {
  const { rows } = await client.query<{ statement: string }>({
    text: `select format('grant %s on ${twinOfTable(table).name} to %s%s', a.privilege_type,
                    case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
                    case when a.is_grantable then ' with grant option' else '' end) as statement
           from pg_class c, aclexplode(c.relacl) a where c.oid = $1::regclass and a.grantee <> c.relowner`,
    values: [table.name],
  });
  return rows.map(({ statement }) => statement);
}
