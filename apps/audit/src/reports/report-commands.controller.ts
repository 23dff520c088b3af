import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  IdempotencyKey,
  NotFoundError,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { REPORTS, type ReportQueue } from '#libs/reports';
import { maySeePersonal, ReadModel } from '../reading/read-model.js';
import { AskedReports } from './asked-reports.js';
import { toReport } from './report-resource.js';
import { NewReportDto, ReportAcceptedDto, ReportDto, ReportParams } from './reports.dto.js';
import { REPORT_QUEUE } from './reports.tokens.js';
import { ReportsAtHand } from './reports-at-hand.js';

/** Asks for reports, and takes that back. */
@Controller('api/v1/reports')
@ApiTags('reports')
@RequireScopes('reports:write')
export class ReportCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly readModel: ReadModel,
    private readonly asked: AskedReports,
    private readonly reports: ReportsAtHand,
    @Inject(REPORT_QUEUE) private readonly queue: ReportQueue,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiIdempotencyKey()
  @ApiOperation({
    summary: 'Ask for a report; it is made in the background',
    description:
      'Personal data are shown if the caller has personal:read, and withheld otherwise. A key of the installation may name the tenant `installation`, for what no customer’s report tells: its own keys, configurations and refusals.',
  })
  @ApiAcceptedResponse({ type: ReportAcceptedDto })
  async ask(
    @Body() body: NewReportDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ReportAcceptedDto> {
    const tenant = await this.readModel.tenantOrInstallation(caller, body.tenant);
    const { deriveId, commandDigest, actor } = this.requests.metadata(caller, request, body, tenant);
    const id = deriveId('report');
    if (await this.queue.knows({ id, commandDigest })) return { id };
    const kind = REPORTS.get(body.kind);
    if (!kind) throw new NotFoundError('report');
    const question = await this.asked.complete({
      tenant,
      kind,
      timeZone: body.timeZone ?? null,
      question: { ...body, filter: body.filter ?? {} },
      personal: maySeePersonal(caller),
    });
    const formats = body.formats ?? ['csv'];
    await this.queue.add({
      id,
      commandDigest,
      kind: kind.kind,
      version: kind.version,
      question,
      formats,
      requestedBy: actor,
    });
    return { id };
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Cancel a report that is not done; repeated, it changes nothing' })
  @ApiOkResponse({ type: ReportDto })
  async cancel(
    @Param() { id }: ReportParams,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() _key: string,
  ): Promise<ReportDto> {
    await this.reports.one(caller, id);
    await this.queue.cancel(id);
    return toReport(await this.reports.one(caller, id), maySeePersonal(caller));
  }
}
