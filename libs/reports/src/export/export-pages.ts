import type { Queryable } from '#libs/database';
import { readSealedRows, type SealedRow, sealedRowsAt } from '#libs/ledger';
import { listEvents } from '#libs/read-model';
import { ExportBrokenError } from './export.errors.js';
import type { ExportQuery } from './export-query.js';
import { lineFrom, tenantLines, tenantPositionAt } from './log-place.queries.js';

/** Lines of the sealed log that an export holds at a time. */
export const EXPORT_PAGE = 500;

/** Most events that the index lists at a time. */
const INDEX_PAGE = 200;

/** Some lines, and how many numbers were found missing on the way to them. */
export interface ExportPage {
  readonly rows: readonly SealedRow[];
  readonly gaps: number;
}

/** The lines that an export asks for, in order, a page at a time; the last page may hold nothing but gaps. */
export function exportPages(database: Queryable, query: ExportQuery): AsyncIterable<ExportPage> {
  if (query.type !== null) return pagesOfType(database, query);
  return query.tenant === null ? pagesOfLog(database, query) : pagesOfTenant(database, query.tenant, query);
}

async function* pagesOfLog(database: Queryable, { after, through }: ExportQuery): AsyncIterable<ExportPage> {
  let at = after;
  while (at < through) {
    const page = await readSealedRows(database, at, EXPORT_PAGE);
    const rows = page.filter(({ position }) => position <= through);
    const last = rows.at(-1)?.position;
    const end = last === undefined || rows.length < page.length || page.length < EXPORT_PAGE ? through : last;
    yield { rows, gaps: end - at - rows.length };
    at = end;
  }
}

/** A tenant's positions are dense too; what follows upon the last one wanted tells whether one is missing at the end. */
async function* pagesOfTenant(
  database: Queryable,
  tenant: string,
  query: Pick<ExportQuery, 'after' | 'through'>,
): AsyncIterable<ExportPage> {
  const through = await tenantPositionAt(database, tenant, query.through);
  let at = await tenantPositionAt(database, tenant, query.after);
  while (at < through) {
    const lines = await tenantLines(database, tenant, { after: at, through, limit: EXPORT_PAGE });
    const last = lines.at(-1);
    if (!last) break;
    yield { rows: await rowsAt(database, lines), gaps: last.tenantPosition - at - lines.length };
    at = last.tenantPosition;
  }
  const next = query.after < query.through ? await lineFrom(database, tenant, at + 1) : null;
  if (next) yield { rows: [], gaps: next.tenantPosition - at - 1 };
}

async function* pagesOfType(database: Queryable, query: ExportQuery): AsyncIterable<ExportPage> {
  const { tenant, through, type } = query;
  for (let after = query.after; ; ) {
    const filter = { tenant, type: type ?? undefined, after, through, limit: INDEX_PAGE };
    const { items, more } = await listEvents(database, filter);
    yield { rows: await rowsAt(database, items), gaps: 0 };
    const last = items.at(-1);
    if (!more || !last) return;
    after = last.position;
  }
}

/** @throws {ExportBrokenError} when what the index knows is not sealed */
async function rowsAt(
  database: Queryable,
  places: readonly { readonly position: number }[],
): Promise<readonly SealedRow[]> {
  const rows = await sealedRowsAt(
    database,
    places.map(({ position }) => position),
  );
  const missing =
    places[rows.findIndex((row, index) => row.position !== places[index]?.position)] ?? places[rows.length];
  if (missing) throw new ExportBrokenError(missing.position);
  return rows;
}
