import type { DeliveryChannel } from '#libs/contracts';
import type { Actor } from '#libs/kernel';
import type { Footing } from '../evidence/footing.queries.js';
import type { EvidenceFile, EvidenceSheet } from '../evidence.js';
import type { ReportFormatName } from '../formats/report-format.js';
import type { Question } from '../question.js';
import type { Counts } from '../report-kind.js';

/** What a job has come to. */
export type ReportStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** What a running job is at: collecting rows, writing files, or writing down that it is done. */
export type ReportStage = 'gathering' | 'rendering' | 'recording';

/** Why something could not be had: a stable code, and a sentence for whoever asked. */
export interface ReportFailure {
  readonly code: string;
  readonly detail: string;
}

/** A format that could not hold the report. */
export interface RefusedFormat extends ReportFailure {
  readonly format: ReportFormatName;
}

/** How a scheduled report reaches, or did not reach, one place. */
export interface JobDelivery {
  readonly channel: DeliveryChannel;
  readonly state: 'queued' | 'delivered' | 'failed';
  readonly attempts: number;
  /** Why the last try failed. */
  readonly code: string | null;
  /** When it arrived or was given up, ISO-8601; null before. */
  readonly settledAt: string | null;
}

/** A report that somebody asked for, and how far it is. */
export interface ReportJob {
  readonly id: string;
  /** Order of the queue. */
  readonly number: number;
  readonly tenant: string;
  readonly kind: string;
  /** Of the kind, when it was asked for. */
  readonly version: number;
  readonly question: Question;
  readonly formats: readonly ReportFormatName[];
  readonly requestedBy: Actor;
  readonly requestedAt: Date;
  /** The schedule that asked for it, and for which of its times (ISO-8601 UTC); null where somebody did. */
  readonly schedule: { readonly id: string; readonly at: string } | null;
  readonly deliveries: readonly JobDelivery[];
  readonly status: ReportStatus;
  readonly stage: ReportStage;
  /** Code of what it waits for; null when nothing is in its way. */
  readonly waitingFor: string | null;
  /** 0 to 1. */
  readonly progress: number;
  readonly bookmark: string | null;
  /** What the rows stand on; null before the first are gathered. */
  readonly footing: Footing | null;
  readonly rows: number;
  /** Cells of erased people. */
  readonly erased: number;
  /** Chunks of rows that are kept. */
  readonly chunks: number;
  readonly counts: Counts;
  /** Complete ones, in the order of the formats, then `evidence.json` and `evidence.html`. */
  readonly files: readonly EvidenceFile[];
  readonly refused: readonly RefusedFormat[];
  readonly sheet: EvidenceSheet | null;
  readonly failure: ReportFailure | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Until when its files are kept. */
  readonly expiresAt: Date | null;
  /** Whether rows and files are gone. */
  readonly swept: boolean;
}

/** An instant as text in JSON, as the rest of the software writes it. */
const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Columns of `reports.jobs` as a `ReportJob`. */
export const JOB_COLUMNS = `id, number, tenant, kind, version, question, formats,
  jsonb_build_object('kind', actor_kind, 'id', actor_id) as "requestedBy", requested_at as "requestedAt", status, stage,
  case when schedule is not null then jsonb_build_object('id', schedule, 'at', ${instant('scheduled_for')}) end as schedule,
  coalesce((select jsonb_agg(jsonb_build_object('channel', channel, 'state', state, 'attempts', attempts, 'code', code,
      'settledAt', ${instant('settled_at')}) order by channel) from reports.deliveries where report = jobs.id), '[]') as deliveries,
  waiting_for as "waitingFor", progress, bookmark, footing, row_count as rows, erased, chunks, counts, files, refused, sheet, failure,
  started_at as "startedAt", finished_at as "finishedAt", expires_at as "expiresAt", swept`;

/** `kind:id` of who asked. */
export const askerOf = ({ requestedBy: { kind, id } }: Pick<ReportJob, 'requestedBy'>): string => `${kind}:${id}`;
