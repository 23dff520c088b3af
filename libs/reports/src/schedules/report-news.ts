import type { ReportJob } from '../jobs/report-job.js';

/** What a receiver is told of a report: where to fetch it and how to check it. None of its data, and nothing about anybody. */
export interface ReportNews {
  readonly report: string;
  readonly tenant: string;
  readonly kind: string;
  readonly schedule: string | null;
  readonly asOf: string;
  readonly from: string | null;
  readonly knownAt: number;
  readonly rows: number;
  /** Whether its evidence sheet found nothing wrong. */
  readonly complete: boolean;
  readonly url: string;
  readonly files: readonly {
    readonly name: string;
    readonly sha256: string;
    readonly bytes: number;
    readonly url: string;
  }[];
}

/**
 * Says what there is to say of a finished report. Pure.
 * @param publicUrl origin that its addresses begin with, without a trailing slash
 */
export function reportNews(
  { id, tenant, kind, schedule, question, rows, sheet, files }: ReportJob,
  publicUrl: string,
): ReportNews {
  const { asOf, from, knownAt } = question;
  const url = `${publicUrl}/api/v1/reports/${id}`;
  return {
    report: id,
    tenant,
    kind,
    schedule: schedule?.id ?? null,
    asOf,
    from,
    knownAt,
    rows,
    complete: sheet?.complete ?? false,
    url,
    files: files.map(({ name, sha256, bytes }) => ({ name, sha256, bytes, url: `${url}/files/${name}` })),
  };
}
