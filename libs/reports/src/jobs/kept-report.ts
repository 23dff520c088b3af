import type { KeptReport } from '../evidence/problems.js';
import type { ReportKind, ReportSource } from '../report-kind.js';
import type { ReportJob } from './report-job.js';

/**
 * Looks again at what is kept of a report: how many rows without a hole, and whether its kind, asked to go on where it ended, has more. So
 * that nothing was cut off is seen and not taken for granted.
 */
export async function keptReport(job: ReportJob, kind: ReportKind, source: ReportSource): Promise<KeptReport> {
  const { rows: found } = await source.database.query<{ bookmark: string | null; rows: number }>({
    name: 'reports.kept_report',
    text: `select bookmark, (select coalesce(max(through), 0) from (
               select through, chunk, row_number() over (order by chunk) - 1 as nth
               from reports.row_chunks where job = j.id and chunk < j.chunks) c where nth = chunk) as rows
           from reports.jobs j where id = $1`,
    values: [job.id],
  });
  const [kept = { bookmark: null, rows: 0 }] = found;
  return { rows: kept.rows, goesOn: await goesOn(job, kind, source, kept.bookmark) };
}

async function goesOn(
  { question }: ReportJob,
  kind: ReportKind,
  source: ReportSource,
  bookmark: string | null,
): Promise<boolean> {
  for await (const { rows, counts } of kind.rows(source, question, bookmark))
    if (rows.length > 0 || Object.values(counts).some((count) => count !== 0)) return true;
  return false;
}
