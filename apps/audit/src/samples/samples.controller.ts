import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type Caller, CurrentCaller, NotFoundError, RequireScopes } from '#libs/platform';
import {
  type DrawnRow,
  drawSample,
  REPORTS,
  type ReportJob,
  type ReportKind,
  readRowsAt,
  referencesOf,
  renderSample,
  SAMPLE_METHOD,
  type SampledRow,
  type SampleFormat,
  type SampleKit,
  type SampleTerms,
} from '#libs/reports';
import { AuditReads } from '../reports/audit-reads.js';
import { ReportParams } from '../reports/reports.dto.js';
import { ReportsAtHand } from '../reports/reports-at-hand.js';
import { SampledEvidence } from './sampled-evidence.js';
import { SampleQueryDto } from './samples.dto.js';
import { SamplesAtWork } from './samples-at-work.js';

const MEDIA_TYPES: Readonly<Record<SampleFormat, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** Samples of finished reports. */
@Controller('api/v1/reports/:id/sample')
@ApiTags('reports')
@RequireScopes('audit:read')
export class SamplesController {
  constructor(
    private readonly reports: ReportsAtHand,
    private readonly reads: AuditReads,
    private readonly evidence: SampledEvidence,
    private readonly atWork: SamplesAtWork,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'A reproducible sample of a report, each row with the events that it rests on',
    description: `${SAMPLE_METHOD} One file that needs nothing else. Who takes it is recorded.`,
  })
  @ApiProduces(...Object.values(MEDIA_TYPES))
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async sample(
    @Param() { id }: ReportParams,
    @Query() query: SampleQueryDto,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const job = await this.reports.finished(caller, id);
    const kind = REPORTS.get(job.kind);
    // rows of another version have other columns
    if (!kind || kind.version !== job.version) throw new NotFoundError('report');
    const { seed, size, format } = query;
    const left = new AbortController();
    response.once('close', () => left.abort());
    const drawn = await this.atWork.run(job.tenant, () =>
      this.#draw(kind, job, query, caller, left.signal).catch(unlessAborted(left.signal)),
    );
    if (!drawn) return;
    const name = `${job.kind}-sample.${format}`;
    const { tenant, question } = job;
    const taken = { what: 'sample', report: id, file: name, after: null, through: null } as const;
    await this.reads.record(caller, { ...taken, tenant, personal: question.personal });
    response.set({ 'Content-Disposition': `attachment; filename="${name}"`, 'Cache-Control': 'no-store' });
    const kit = kitOf(kind, job, { seed, size, ...drawn });
    response.type(MEDIA_TYPES[format]).send(renderSample(kit, format));
  }

  /** Draws and explains, as long as somebody waits for it. */
  async #draw(
    kind: ReportKind,
    job: ReportJob,
    terms: SampleTerms,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<Pick<SampleKit, 'population' | 'rows'>> {
    const { database } = this.reports.source;
    const readRows = (numbers: readonly number[]) => readRowsAt(database, job.id, numbers);
    const drawn = await drawSample({ population: job.rows, readRows, signal }, terms);
    const rows: SampledRow[] = [];
    for (const one of drawn.rows) {
      signal.throwIfAborted();
      rows.push(await this.#explained(kind, job, one, caller));
    }
    return { population: drawn.population, rows };
  }

  async #explained(
    { columns }: ReportKind,
    { question }: ReportJob,
    { number, digest, row }: DrawnRow,
    caller: Caller,
  ): Promise<SampledRow> {
    const grounds = await this.evidence.of(referencesOf(columns, row), question, caller);
    const cells = Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]));
    return { number, digest, cells, ...grounds };
  }
}

/** Nobody is left to be told. */
const unlessAborted =
  (signal: AbortSignal) =>
  (error: unknown): null => {
    if (signal.aborted) return null;
    throw error;
  };

function kitOf(
  { kind, version, title }: ReportKind,
  { id, question, files }: ReportJob,
  drawn: Pick<SampleKit, 'seed' | 'size' | 'population' | 'rows'>,
): SampleKit {
  const { tenant, asOf, from, knownAt, personal } = question;
  const data = files.filter(({ name }) => !name.startsWith('evidence.'));
  return {
    report: id,
    tenant,
    kind,
    version,
    title,
    asOf,
    from,
    knownAt,
    personal,
    method: SAMPLE_METHOD,
    files: data,
    ...drawn,
  };
}
