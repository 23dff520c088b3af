import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Logger, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type Caller, CurrentCaller, describeError, NotFoundError, RequireScopes } from '#libs/platform';
import { FORMATS, type ReportFormatName, readFileChunks } from '#libs/reports';
import { AuditReads } from './audit-reads.js';
import { ReportFileParams } from './reports.dto.js';
import { ReportsAtHand, requireReports } from './reports-at-hand.js';

/** Files of finished reports. */
@Controller('api/v1/reports')
@ApiTags('reports')
@RequireScopes()
export class ReportFilesController {
  readonly #log = new Logger('reports');

  constructor(
    private readonly reports: ReportsAtHand,
    private readonly reads: AuditReads,
  ) {}

  @Get(':id/files/:name')
  @ApiOperation({
    summary: 'A file of a report',
    description: 'Who takes it is recorded before the first byte is sent. The ETag is its SHA-256.',
  })
  @ApiProduces(...Object.values(FORMATS).map(({ mediaType }) => mediaType))
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async download(
    @Param() { id, name }: ReportFileParams,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    requireReports(caller);
    const { tenant, files, question } = await this.reports.finished(caller, id);
    const file = files.find((one) => one.name === name);
    if (!file) throw new NotFoundError('file');
    const { personal } = question;
    await this.reads.record(caller, {
      tenant,
      what: 'report',
      report: id,
      file: name,
      after: null,
      through: null,
      personal,
    });
    response.set({
      'Content-Type': mediaTypeOf(name),
      'Content-Length': String(file.bytes),
      'Content-Disposition': `attachment; filename="${name}"`,
      ETag: `"${file.sha256}"`,
    });
    // a file that breaks off is shorter than its announced length, so nobody takes the beginning for the whole
    const chunks = readFileChunks(this.reports.source.database, { job: id, name, bytes: file.bytes });
    await pipeline(Readable.from(chunks, { objectMode: false }), response).catch((error) =>
      this.#log.warn({ report: id, file: name, err: describeError(error) }, 'a download broke off'),
    );
  }
}

function mediaTypeOf(name: string): string {
  return FORMATS[name.slice(name.lastIndexOf('.') + 1) as ReportFormatName].mediaType;
}
