import { createHash } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import type { EvidenceFile } from '../evidence.js';
import { assertRowsFit, FORMATS, fileNameOf } from '../formats/formats.js';
import type { ReportedKind, ReportFormatName } from '../formats/report-format.js';
import type { ReportSource } from '../report-kind.js';
import { inFileChunks } from './file-chunks.js';
import type { JobRecord } from './job-record.js';
import type { RefusedFormat, ReportJob } from './report-job.js';
import { readRows } from './row-chunks.js';

/** Of the whole work: where the writing of files begins, and the share that it is. */
const RENDERING = { from: 0.7, share: 0.28 } as const;

/** What the writing of files needs. */
export interface Rendering {
  readonly kind: ReportedKind;
  readonly database: ReportSource['database'];
  readonly record: Pick<JobRecord, 'beginFile' | 'filePart' | 'endFile' | 'refuse'>;
  readonly signal: AbortSignal;
}

/**
 * Writes the data files of a report that are not complete yet, one after the other, each from its beginning. A format that cannot hold the
 * report is refused, the others go on.
 * @returns the complete files, in the order of the formats
 * @throws the refusal, when no format is left
 */
export async function renderFiles(job: ReportJob, rendering: Rendering): Promise<readonly EvidenceFile[]> {
  const files = [...job.files];
  const refused = [...job.refused];
  for (const format of job.formats) {
    if (files.some(({ name }) => name === fileNameOf(job.kind, format))) continue;
    if (refused.some((refusal) => refusal.format === format)) continue;
    const made = await renderFile(job, format, rendering).catch((error) => refusalOf(format, error));
    if ('sha256' in made) {
      files.push(made);
      await rendering.record.endFile(made);
    } else {
      refused.push(made);
      await rendering.record.refuse(made);
    }
  }
  if (files.length === 0) throw new NoFormatLeft(refused);
  return files;
}

/** None of the formats can hold the report: it fails with what the first of them said. */
export class NoFormatLeft extends Error {
  constructor(readonly refused: readonly RefusedFormat[]) {
    super('No format that was asked for can hold the report.');
  }
}

/** Only what a format says of itself refuses it; whatever else goes wrong is no word about the format. */
function refusalOf(format: ReportFormatName, error: unknown): RefusedFormat {
  if (error instanceof DomainError && error.kind === 'tooLarge')
    return { format, code: error.code, detail: error.message };
  throw error;
}

async function renderFile(job: ReportJob, format: ReportFormatName, rendering: Rendering): Promise<EvidenceFile> {
  assertRowsFit(format, job.rows);
  const name = fileNameOf(job.kind, format);
  await rendering.record.beginFile(name);
  const read = { rows: 0 };
  const pieces = FORMATS[format].render(
    rendering.kind,
    job.question,
    counted(readRows(rendering.database, job.id), read),
  );
  const file = await writeFile(name, pieces, rendering, () => progressOf(job, format, read.rows));
  return { ...file, rows: read.rows };
}

/**
 * Keeps the bytes of one file.
 * @param progress share of the whole work that is done, whenever it is asked
 */
export async function writeFile(
  name: string,
  pieces: AsyncIterable<Buffer>,
  { record, signal }: Pick<Rendering, 'record' | 'signal'>,
  progress: () => number,
): Promise<Omit<EvidenceFile, 'rows'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  let chunk = 0;
  for await (const part of inFileChunks(pieces)) {
    signal.throwIfAborted();
    await record.filePart(name, chunk, part, progress());
    hash.update(part);
    bytes += part.length;
    chunk += 1;
  }
  return { name, sha256: hash.digest('hex'), bytes };
}

async function* counted<T>(batches: AsyncIterable<readonly T[]>, read: { rows: number }): AsyncGenerator<readonly T[]> {
  for await (const rows of batches) {
    read.rows += rows.length;
    yield rows;
  }
}

function progressOf({ formats, rows }: ReportJob, format: ReportFormatName, read: number): number {
  const ofFile = rows > 0 ? read / rows : 1;
  return RENDERING.from + (RENDERING.share * (formats.indexOf(format) + ofFile)) / formats.length;
}
