import type { Question, ReportKind, ReportRow, ReportSource } from '#libs/reports';

/** Batches that one answer looks through: a few tens of milliseconds each. */
const BATCHES_MAX = 10;

/** Where rows of a report go on: behind some rows of the batch after a bookmark. */
export interface RowPlace {
  /** Null for the beginning. */
  readonly bookmark: string | null;
  readonly rows: number;
}

/** Rows of a report, and where they go on; null at the end. */
export interface RowPage {
  readonly rows: readonly ReportRow[];
  readonly next: RowPlace | null;
}

/** The beginning of a report. */
export const FIRST_ROW: RowPlace = { bookmark: null, rows: 0 };

/** Takes some rows of a report without making the whole of it. Where they lie far apart, fewer may come than asked for, and more follow. */
export async function rowPage(
  kind: Pick<ReportKind, 'rows'>,
  source: ReportSource,
  question: Question,
  { place, limit }: { readonly place: RowPlace; readonly limit: number },
): Promise<RowPage> {
  const rows: ReportRow[] = [];
  let { bookmark, rows: skip } = place;
  let batches = 0;
  for await (const batch of kind.rows(source, question, bookmark)) {
    const fresh = batch.rows.slice(skip, skip + limit - rows.length);
    rows.push(...fresh);
    if (skip + fresh.length < batch.rows.length) return { rows, next: { bookmark, rows: skip + fresh.length } };
    [bookmark, skip, batches] = [batch.bookmark, 0, batches + 1];
    if (batches === BATCHES_MAX) return { rows, next: { bookmark, rows: 0 } };
  }
  return { rows, next: null };
}
