import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller, InvalidCursorError, RequireScopes } from '#libs/platform';
import { countParkedStreams } from '#libs/read-model';
import { accessChangesReport, type Question } from '#libs/reports';
import { maySeePersonal, ReadModel } from '../reading/read-model.js';
import { AskedReports } from '../reports/asked-reports.js';
import { AuditReads, accessOf } from '../reports/audit-reads.js';
import { ReportsAtHand } from '../reports/reports-at-hand.js';
import { diffCursor, readDiffCursor } from './access-diff.cursor.js';
import { type AccessChangeDto, AccessDiffDto, AccessDiffQueryDto } from './access-diff.dto.js';
import { FIRST_ROW, type RowPlace, rowPage } from './row-page.js';

const NAMES = accessChangesReport.columns.map(({ name }) => name);

/** Who gained and lost what between two instants: the rows of the report `access-changes`, a page at a time. */
@Controller('api/v1/access')
@ApiTags('audit')
@RequireScopes('audit:read')
export class AccessDiffController {
  constructor(
    private readonly readModel: ReadModel,
    private readonly asked: AskedReports,
    private readonly reports: ReportsAtHand,
    private readonly reads: AuditReads,
  ) {}

  @Get('diff')
  @ApiOperation({ summary: 'Who gained, lost or changed what between two instants, each with its why' })
  @ApiOkResponse({ type: AccessDiffDto })
  async diff(@Query() query: AccessDiffQueryDto, @CurrentCaller() caller: Caller): Promise<AccessDiffDto> {
    const tenant = await this.readModel.tenant(caller, query.tenant);
    const { question, place } = await this.questionOf(tenant, query, maySeePersonal(caller));
    const position = await this.readModel.reached(query.minPosition, question.knownAt);
    const { rows, next } = await rowPage(accessChangesReport, this.reports.source, question, {
      place,
      limit: query.limit,
    });
    const parked = await countParkedStreams(this.readModel.database, tenant);
    await this.reads.count(caller, accessOf(tenant));
    return {
      items: rows.map((row) => Object.fromEntries(NAMES.map((name, index) => [name, row[index]])) as AccessChangeDto),
      nextCursor: next && diffCursor(question, next),
      from: question.from,
      to: question.asOf,
      knownAt: question.knownAt,
      position,
      ...(parked > 0 ? { degraded: true } : {}),
    };
  }

  /** What the address says holds, and what it leaves open is as on the page before. */
  private async questionOf(
    tenant: string,
    query: AccessDiffQueryDto,
    personal: boolean,
  ): Promise<{ readonly question: Question; readonly place: RowPlace }> {
    const { account, role, application, connection } = query;
    const cursor = query.cursor === undefined ? null : readDiffCursor(query.cursor);
    const question = await this.asked.complete({
      tenant,
      kind: accessChangesReport,
      timeZone: null,
      personal,
      mayBeEmpty: true, // it compares two instants; an answer about one of them twice says so beside
      question: {
        from: query.from ?? cursor?.from ?? undefined,
        to: query.to ?? cursor?.asOf,
        knownAt: query.knownAt ?? cursor?.knownAt,
        filter: {
          ...(account === undefined ? {} : { account }),
          ...(role === undefined ? {} : { role }),
          ...(application === undefined ? {} : { application }),
          ...(connection === undefined ? {} : { connection }),
        },
      },
    });
    if (cursor && !isSamePeriod(question, cursor)) throw new InvalidCursorError();
    return { question, place: cursor?.place ?? FIRST_ROW };
  }
}

type Period = Pick<Question, 'from' | 'asOf' | 'knownAt'>;

const isSamePeriod = (a: Period, b: Period): boolean =>
  a.from === b.from && a.asOf === b.asOf && a.knownAt === b.knownAt;
