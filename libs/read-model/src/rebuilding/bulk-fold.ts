import { once } from 'node:events';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Queryable } from '#libs/database';
import type { Projection } from '../projecting/projection.js';
import type { SightedEvent } from '../projecting/sighted-events.js';
import { keyText, StagedRows, type StoredRow } from '../projecting/staged-rows.js';
import type { Table } from '../projecting/table.js';
import { columnsOf, loadHeads, writeRows } from '../projecting/table-writer.js';

/**
 * Folds events into rows and writes new rows by COPY, which a PostgreSQL of its own takes several times faster than other ways. Only for the
 * plain case: whatever is unusual makes it throw, and then the transaction is to be repeated the careful way (`project`).
 * @throws when an event is poison, or PostgreSQL refuses a row, also one that is there already
 */
export async function foldInBulk(client: PoolClient, twin: Projection, events: readonly SightedEvent[]): Promise<void> {
  const drafts = events.map((event) => ({
    position: event.stored.position,
    changes: twin.project(event.as(twin.sight)),
  }));
  const changes = drafts.flatMap((draft) => draft.changes);
  const loaded: { table: Table; rows: readonly StoredRow[] }[] = [];
  for (const table of twin.tables) {
    const ofTable = changes.filter((change) => change.table.name === table.name);
    const keys = [...new Map(ofTable.map(({ key }) => [keyText(key, table.key), key])).values()];
    loaded.push({ table, rows: await loadHeads(client, table, keys) });
  }
  const staged = new StagedRows(loaded);
  for (const draft of drafts) staged.apply(draft.changes, draft.position);
  for (const { table, upserts, removals } of staged.writes()) {
    const rows = loaded.find((one) => one.table.name === table.name)?.rows ?? [];
    const there = new Set(rows.map((row) => placeOf(table, row)));
    await writeRows(client, { table, removals, upserts: upserts.filter((row) => there.has(placeOf(table, row))) });
    await copyRows(
      client,
      table,
      upserts.filter((row) => !there.has(placeOf(table, row))),
    );
  }
}

/** What no two rows of a table have in common. */
const placeOf = (table: Table, row: StoredRow): string =>
  keyText(row, table.kind === 'versioned' ? [...table.key, 'from_pos'] : table.key);

async function copyRows(client: PoolClient, table: Table, rows: readonly StoredRow[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = columnsOf(table);
  const json = await jsonColumns(client, table);
  const lines = rows.map((row) => columns.map((column) => fieldOf(row[column], json.has(column))).join('\t'));
  const stream = client.query(copyFrom(`copy ${table.name} (${columns.join(', ')}) from stdin`));
  const finished = once(stream, 'finish');
  stream.end(`${lines.join('\n')}\n`);
  await finished;
}

async function jsonColumns(client: Queryable, table: Table): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>({
    name: 'read_model_shadow.json_columns',
    text: `select attname as name from pg_attribute where attrelid = $1::regclass and atttypid = 'jsonb'::regtype`,
    values: [table.name],
  });
  return new Set(rows.map(({ name }) => name));
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One field in COPY's text format (PostgreSQL, COPY, "Text Format"). */
function fieldOf(value: StoredRow[string] | undefined, isJson: boolean): string {
  if (value === null || value === undefined) return '\\N';
  const text = isJson || typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] as string);
}
