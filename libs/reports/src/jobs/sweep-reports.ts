import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';

/** Parts that are deleted together: a deletion is one short statement, however large a report was. */
const PARTS_AT_A_TIME = 200;

/** Reports that one sweep takes up. */
const REPORTS_AT_A_TIME = 20;

const DUE = `
  select id from reports.jobs
   where not swept and (status in ('failed', 'cancelled') or (status = 'done' and expires_at <= $1))
   order by number limit $2`;

/** Takes the place of the department that a filter named, as far as it is told. */
const FORGET = `
  update reports.jobs set swept = true, kept_bytes = 0,
    question = case when question #> '{filter,department}' is null then question
                    else jsonb_set(question, '{filter,department}', '"[withheld]"') end,
    sheet = case when sheet #> '{filter,department}' is null then sheet
                 else jsonb_set(sheet, '{filter,department}', '"[withheld]"') end
  where id = $1`;

/**
 * Deletes rows and files of reports whose time is over, and of those that ended without becoming one. What was asked and what it came to
 * stays.
 * @returns how many reports were cleared
 */
export async function sweepReports(
  database: Pick<Database, 'query'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const { rows } = await database.query<{ id: string }>(DUE, [clock.now(), REPORTS_AT_A_TIME]);
  for (const { id } of rows) {
    await deleteParts(database, 'file_chunks', id, signal);
    await deleteParts(database, 'row_chunks', id, signal);
    await database.query(FORGET, [id]);
  }
  return rows.length;
}

async function deleteParts(
  database: Pick<Database, 'query'>,
  table: 'file_chunks' | 'row_chunks',
  job: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { rowCount } = await database.query(
      `delete from reports.${table} where ctid = any(array(select ctid from reports.${table} where job = $1 limit $2))`,
      [job, PARTS_AT_A_TIME],
    );
    if ((rowCount ?? 0) < PARTS_AT_A_TIME) return;
  }
}
