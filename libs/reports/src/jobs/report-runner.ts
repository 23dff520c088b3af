import { type Database, type Lease, LeaseLostError } from '#libs/database';
import { type Clock, DomainError } from '#libs/kernel';
import { readPosition } from '#libs/read-model';
import { readFooting } from '../evidence/footing.queries.js';
import { makeEvidence } from '../evidence/make-evidence.js';
import type { EvidenceFile, EvidenceSheet } from '../evidence.js';
import { renderSheet } from '../formats/evidence-files.js';
import type { ReportKind, ReportSource } from '../report-kind.js';
import { attendedSource } from './attended-source.js';
import { gatherRows } from './gather-rows.js';
import { JobRecord, takeNextJob } from './job-record.js';
import { isTooMuchKept, KEPT_BYTES_MAX } from './kept-bytes.queries.js';
import { keptReport } from './kept-report.js';
import { NoFormatLeft, renderFiles, writeFile } from './render-files.js';
import { askerOf, type ReportFailure, type ReportJob } from './report-job.js';
import {
  JobEndedError,
  KindChangedError,
  ReadModelRebuiltError,
  ReportBehindError,
  ReportInterruptedError,
  TooMuchKeptError,
} from './reports.errors.js';
import { readRows } from './row-chunks.js';
import { sweepReports } from './sweep-reports.js';

/** How often the making of a report may break off at the same place before it is given up. */
export const ATTEMPTS_MAX = 5;

/** A report that has to wait is looked at again after this, in milliseconds. */
const WAIT_MS = 2_000;

/** What reports are made with. */
export interface ReportRunnerDependencies {
  readonly source: ReportSource;
  readonly kinds: ReadonlyMap<string, ReportKind>;
  readonly clock: Clock;
  readonly softwareVersion: string;
  /** Records, once however often it is asked, that a report was made. */
  readonly recordGenerated: (job: ReportJob, sheet: EvidenceSheet, files: readonly EvidenceFile[]) => Promise<void>;
  /** Told of every report that ended, and of what kept one from going on; never the rows. */
  readonly observe: (job: ReportJob, came: ReportOutcome, error?: unknown) => void;
}

/** What one go at a report came to. `ended`: somebody cancelled it. */
export type ReportOutcome = 'done' | 'failed' | 'waiting' | 'ended';

/** A sheet has no rows. */
const SHEET_NAMES = { json: 'evidence.json', html: 'evidence.html' } as const;

/** One report after the other, the tenants by turns. Whatever happens to the process, the next one goes on. */
export class ReportRunner {
  constructor(private readonly dependencies: ReportRunnerDependencies) {}

  /**
   * Makes the next report, or goes on with the one that is being made.
   * @param lease under which everything is written
   * @param signal ends the work soon; the report stays where it is
   * @returns what it came to, or null when nothing is to be done
   * @throws {LeaseLostError} when another process has gone on; the reason of the signal; and what kept it from writing down what happened
   */
  async runNext(lease: Pick<Lease, 'guard'>, signal: AbortSignal): Promise<ReportOutcome | null> {
    const database: Database = this.dependencies.source.database;
    const dependencies = { database, lease, clock: this.dependencies.clock };
    const job = await takeNextJob(dependencies);
    if (job === null) return null;
    const record = new JobRecord(dependencies, job);
    try {
      if (job.attempts > ATTEMPTS_MAX) throw new ReportInterruptedError(ATTEMPTS_MAX);
      await this.#make(job, record, signal);
      this.dependencies.observe(job, 'done');
      return 'done';
    } catch (error) {
      if (signal.aborted || error instanceof LeaseLostError) throw error;
      const came = error instanceof JobEndedError ? 'ended' : await settle(record, error);
      this.dependencies.observe(job, came, error);
      return came;
    }
  }

  /**
   * Clears away what is kept no longer, a bounded number of reports at a time.
   * @returns how many were cleared; when none was, nothing is left to clear
   */
  sweep(signal: AbortSignal): Promise<number> {
    const { source, clock } = this.dependencies;
    return sweepReports(source.database, clock, signal);
  }

  async #make(taken: ReportJob, record: JobRecord, signal: AbortSignal): Promise<void> {
    const job = taken.stage === 'recording' ? taken : await this.#write(taken, record, signal);
    if (job.sheet === null) throw new TypeError('A report that is to be recorded has a sheet.');
    await this.dependencies.recordGenerated(job, job.sheet, job.files);
    await record.done();
  }

  async #write(taken: ReportJob, record: JobRecord, signal: AbortSignal): Promise<ReportJob> {
    const { source, kinds } = this.dependencies;
    const kind = kinds.get(taken.kind);
    if (kind?.version !== taken.version) throw new KindChangedError();
    const attended = attendedSource(source, { signal, stillWanted: () => record.stillWanted() });
    let job = await this.#standing(taken, record);
    if (job.stage === 'gathering') {
      job = { ...job, ...(await gatherRows(job, { kind, source: attended, record, signal })) };
      job = await this.#standing(job, record);
      await record.reached('rendering');
    }
    const files = await renderFiles(job, { kind, database: source.database, record, signal });
    const sheet = await this.#sheetOf({ ...job, files: files.filter(({ name }) => !isSheet(name)) }, kind, attended);
    await this.#standing(job, record);
    return this.#seal({ ...job, files, sheet }, kind, record, signal);
  }

  /**
   * Looks at what the rows stand on: before the first, whenever they go on, after the last, and once they are counted. Between these the
   * read model can only have been rebuilt, and then nothing of the rows may stay.
   * @throws {ReadModelRebuiltError} after which they begin anew
   */
  async #standing(job: ReportJob, record: JobRecord): Promise<ReportJob> {
    const { database } = this.dependencies.source;
    const { question, footing: begun } = job;
    if (begun === null) await this.#requireGround(job);
    const now = await readFooting(database, question);
    if (begun !== null && begun.tables !== now.tables) {
      await record.begunAnew();
      throw new ReadModelRebuiltError();
    }
    const footing = { ...now, parkedStreams: Math.max(now.parkedStreams, begun?.parkedStreams ?? 0) };
    if (footing.parkedStreams !== begun?.parkedStreams) await record.standsOn(footing);
    return { ...job, footing };
  }

  async #requireGround({ id, tenant, question }: ReportJob): Promise<void> {
    const { database } = this.dependencies.source;
    if (await isTooMuchKept(database, tenant, id)) throw new TooMuchKeptError(KEPT_BYTES_MAX);
    if ((await readPosition(database)).position < question.knownAt) throw new ReportBehindError();
  }

  /** The sheet is made once all data files are complete, and with it the report is final. */
  async #seal(job: Sealable, kind: ReportKind, record: JobRecord, signal: AbortSignal): Promise<ReportJob> {
    const { sheet } = job;
    const pages = renderSheet(sheet, kind);
    const files: EvidenceFile[] = [...sheet.files];
    for (const part of ['json', 'html'] as const) {
      const name = SHEET_NAMES[part];
      await record.beginFile(name);
      const written = await writeFile(name, once(pages[part]), { record, signal }, () => 0.98);
      files.push({ ...written, rows: 0 });
    }
    await record.sealed(sheet, files);
    return { ...job, files };
  }

  async #sheetOf(job: ReportJob, kind: ReportKind, source: ReportSource): Promise<EvidenceSheet> {
    const { clock, softwareVersion } = this.dependencies;
    const { question, rows, counts, files } = job;
    const listed = { rows, counts };
    const kept = () => readRows(source.database, job.id);
    return makeEvidence(source, {
      report: job.id,
      question,
      kind,
      rows,
      kept: await keptReport(job, kind, source),
      counts,
      files,
      summary: (await kind.summary?.(source, question, listed, kept)) ?? {},
      population: await kind.population(source, question, listed),
      erased: job.erased,
      parkedStreams: job.footing?.parkedStreams ?? 0,
      generatedBy: askerOf(job),
      generatedAt: clock.now().toISOString(),
      softwareVersion,
    });
  }
}

/** A report of which all is known. */
type Sealable = ReportJob & { readonly sheet: EvidenceSheet };

const isSheet = (name: string): boolean => Object.values<string>(SHEET_NAMES).includes(name);

/** What passes by itself is waited for; everything else is the end of this report, and of no other. */
async function settle(record: JobRecord, error: unknown): Promise<'failed' | 'waiting'> {
  if (error instanceof DomainError && error.kind === 'unavailable' && !(error instanceof ReportInterruptedError)) {
    await record.postponed(error.code, WAIT_MS);
    return 'waiting';
  }
  await record.failed(failureOf(error));
  return 'failed';
}

/** Only errors that are written for callers speak for themselves; of everything else no text is passed on. */
function failureOf(error: unknown): ReportFailure {
  if (error instanceof NoFormatLeft && error.refused[0]) {
    const { code, detail } = error.refused[0];
    return { code, detail };
  }
  if (error instanceof DomainError) return { code: error.code, detail: error.message };
  return {
    code: 'report-failed',
    detail:
      'Something went wrong on our side while the report was made. The log of the audit server says what, under the id of the report.',
  };
}

async function* once(page: Buffer): AsyncGenerator<Buffer> {
  yield page;
}
