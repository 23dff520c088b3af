/** Reports that answer for themselves: what they are made of, how they are made, and the evidence with each. */

export type { Cell, CellType, Column, ReportRow } from './column.js';
export { type Answers, type Control, FRAMEWORKS, type Framework, type Verification } from './controls/control.js';
export { CONTROLS } from './controls/controls.js';
export { type MadeReport, makeEvidence } from './evidence/make-evidence.js';
export type { ComparedProjection, EvidenceFile, EvidenceSheet, SourceContact } from './evidence.js';
export { ExportBeyondLogError, ExportBrokenError } from './export/export.errors.js';
export { exportLog } from './export/export-log.js';
export type { ExportFailure, ExportManifest, ExportQuery, Span } from './export/export-query.js';
export { renderSheet } from './formats/evidence-files.js';
export { CellTooLongError, ReportTooLargeError } from './formats/formats.errors.js';
export { assertRowsFit, FORMATS, fileNameOf } from './formats/formats.js';
export type { ReportedKind, ReportFormat, ReportFormatName } from './formats/report-format.js';
export { endOfDay, isDate, isTimeZone } from './instants.js';
export { readFileChunks } from './jobs/file-chunks.js';
export { FILES_KEPT_MS } from './jobs/job-record.js';
export { type AskedQuestion, type QuestionGround, questionOf } from './jobs/question-of.js';
export {
  askerOf,
  type JobDelivery,
  type RefusedFormat,
  type ReportFailure,
  type ReportJob,
  type ReportStatus,
} from './jobs/report-job.js';
export {
  type AskedBySchedule,
  type NewReport,
  type ReportListQuery,
  ReportQueue,
  WAITING_REPORTS_MAX,
} from './jobs/report-queue.js';
export { type ReportOutcome, ReportRunner, type ReportRunnerDependencies } from './jobs/report-runner.js';
export {
  KnownAtBeyondLogError,
  NotOfInstallationError,
  ReportEndedError,
  ReportFilesExpiredError,
  ReportNotDoneError,
  TooManyReportsError,
} from './jobs/reports.errors.js';
export { reportMigrations } from './jobs/reports.migration.js';
export { type NumberedRow, readRows, readRowsAt } from './jobs/row-chunks.js';
export { isGrantBookmark } from './kinds/access/grant-report.js';
export { accessChangesReport } from './kinds/access-changes/access-changes.report.js';
export { REPORTS } from './kinds/index.js';
export type { FilterName, Question, ReportFilter } from './question.js';
export {
  type Counts,
  type Population,
  type ReportKind,
  type ReportSource,
  ROWS_PER_BATCH,
  type RowBatch,
} from './report-kind.js';
export {
  type Drawing,
  type DrawnRow,
  type DrawnSample,
  drawSample,
  SAMPLE_METHOD,
  SAMPLE_SIZE_MAX,
  type SampleTerms,
  SEED_LENGTH_MAX,
} from './samples/draw-sample.js';
export { givenGrant } from './samples/given-grant.queries.js';
export { renderSample, SAMPLE_FORMATS, type SampleFormat } from './samples/render-sample.js';
export { type GivenRole, type RowReferences, referencesOf } from './samples/row-references.js';
export type { SampledEvent, SampledReason, SampledRow, SampleKit } from './samples/sample-kit.js';
export { deliverToFolder, type FolderDelivery } from './schedules/deliver-to-folder.js';
export { ReportDeliveryError } from './schedules/delivery.errors.js';
export { type DueTime, dueTimeOf, MISSED_COUNTED_MAX } from './schedules/due-schedule.js';
export { lastAskedAt } from './schedules/last-asked.queries.js';
export {
  DELIVERY_RETRY_SECONDS,
  type DeliveryFailure,
  type DeliveryOutcome,
  ReportDeliveries,
  type ReportDeliveriesDependencies,
  type ReportDelivery,
} from './schedules/report-deliveries.js';
export { type ReportNews, reportNews } from './schedules/report-news.js';
export { scheduledReportId } from './schedules/schedule-ids.js';
export { momentsOf, type ScheduledMoments } from './schedules/schedule-moments.js';
export { reportIn } from './verify/sheet-file.js';
export type { Check, FolderVerdict, TrustedHashes, Unchecked } from './verify/verdict.js';
export { verifyFolder } from './verify/verify-folder.js';
