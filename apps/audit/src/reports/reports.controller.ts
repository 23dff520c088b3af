import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller, makeCursor, RequireScopes, readCursor } from '#libs/platform';
import type { ReportQueue } from '#libs/reports';
import { maySeePersonal, ReadModel } from '../reading/read-model.js';
import { toReport } from './report-resource.js';
import { ReportDto, ReportParams, ReportsDto, ReportsQueryDto } from './reports.dto.js';
import { REPORT_QUEUE } from './reports.tokens.js';
import { ReportsAtHand, requireReports } from './reports-at-hand.js';

const LIST = 'reports.1';

/** Reports that were asked for, and what came of them. */
@Controller('api/v1/reports')
@ApiTags('reports')
@RequireScopes()
export class ReportsController {
  constructor(
    private readonly readModel: ReadModel,
    private readonly reports: ReportsAtHand,
    @Inject(REPORT_QUEUE) private readonly queue: ReportQueue,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Reports, the newest first' })
  @ApiOkResponse({ type: ReportsDto })
  async list(@Query() query: ReportsQueryDto, @CurrentCaller() caller: Caller): Promise<ReportsDto> {
    requireReports(caller);
    const tenant = await this.readModel.tenantOrInstallation(caller, query.tenant);
    const { limit, status, kind, schedule, cursor } = query;
    const [before] = cursor === undefined ? [] : readCursor(LIST, ['integer'] as const, cursor);
    const position = await this.readModel.reached(query.minPosition);
    const { items, more } = await this.queue.list({ tenant, status, kind, schedule, before, limit });
    const last = more ? items.at(-1) : undefined;
    return {
      items: items.map((job) => toReport(job, maySeePersonal(caller))),
      nextCursor: last ? makeCursor(LIST, [last.number]) : null,
      position,
    };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One report: how far it is, its files, and its evidence sheet' })
  @ApiOkResponse({ type: ReportDto })
  async find(@Param() { id }: ReportParams, @CurrentCaller() caller: Caller): Promise<ReportDto> {
    requireReports(caller);
    return toReport(await this.reports.one(caller, id), maySeePersonal(caller));
  }
}
