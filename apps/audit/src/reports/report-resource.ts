import { WITHHELD } from '#libs/read-model';
import { askerOf, type EvidenceFile, type EvidenceSheet, type ReportFilter, type ReportJob } from '#libs/reports';
import type { ReportDto, ReportFileDto } from './reports.dto.js';

/** The page for people is not among the files: these are the data, then the one sheet that a program reads. */
const SHEET_FOR_PEOPLE = 'evidence.html';

/** A report as the API shows it. */
export function toReport(job: ReportJob, personal: boolean): ReportDto {
  const { id, tenant, kind, version, question, formats, status, progress, waitingFor, failure } = job;
  const { asOf, from, knownAt, timeZone } = question;
  const files = status === 'done' ? job.files.map((file) => toFile(id, file)) : [];
  return {
    id,
    tenant,
    kind,
    version,
    status,
    progress,
    waitingFor,
    failure,
    asOf,
    from,
    knownAt,
    timeZone,
    filter: shownFilter(question.filter, personal),
    formats,
    personal: question.personal,
    rows: job.rows,
    requestedBy: askerOf(job),
    requestedAt: job.requestedAt.toISOString(),
    schedule: job.schedule?.id ?? null,
    scheduledFor: job.schedule?.at ?? null,
    delivery: job.deliveries,
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    expiresAt: job.expiresAt?.toISOString() ?? null,
    filesExpired: status === 'done' && job.swept,
    files: files.filter(({ name }) => name !== SHEET_FOR_PEOPLE),
    sheet: files.find(({ name }) => name === SHEET_FOR_PEOPLE) ?? null,
    refusedFormats: job.refused,
    evidence: status === 'done' && job.sheet ? shownSheet(job.sheet, personal) : null,
  };
}

function toFile(report: string, { name, sha256, bytes }: EvidenceFile): ReportFileDto {
  return { name, sha256, bytes, url: `/api/v1/reports/${report}/files/${name}` };
}

const shownSheet = (sheet: EvidenceSheet, personal: boolean): EvidenceSheet => ({
  ...sheet,
  filter: shownFilter(sheet.filter, personal),
});

function shownFilter(filter: ReportFilter, personal: boolean): ReportFilter {
  return personal || filter.department === undefined ? filter : { ...filter, department: WITHHELD };
}
