import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Logger, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { INSTALLATION_TENANT } from '#libs/kernel';
import {
  type Caller,
  CurrentCaller,
  describeError,
  InvalidRequestError,
  RequireScopes,
  sealedPosition,
} from '#libs/platform';
import { ExportBeyondLogError, type ExportQuery, exportLog } from '#libs/reports';
import { maySeePersonal, ReadModel } from '../reading/read-model.js';
import { AuditReads } from '../reports/audit-reads.js';
import { ReportsAtHand } from '../reports/reports-at-hand.js';
import { EventsExportQueryDto } from './events-export.dto.js';

const NDJSON = 'application/x-ndjson';

/** Any part of the audit log as a file. */
@Controller('api/v1/events/export')
@ApiTags('audit')
@RequireScopes('audit:read')
export class EventsExportController {
  readonly #log = new Logger('events');

  constructor(
    private readonly readModel: ReadModel,
    private readonly reports: ReportsAtHand,
    private readonly reads: AuditReads,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'A part of the sealed log, one event per line',
    description:
      'Every line is an event with the hash that was sealed; where what is stored differs from what is shown, it stands beside it, so that ' +
      'the hash can be recomputed. The last line is a manifest (counts, gaps, SHA-256 of the lines), or says why the export could not be ' +
      'finished; without either it was cut off. Ask again with after = the last position that arrived. Who exports is recorded, in the log of each tenant whose events they are.',
  })
  @ApiProduces(NDJSON)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @Query() query: EventsExportQueryDto,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const wanted = await this.#wanted(query, caller);
    const { tenant, after, through, personal } = wanted;
    const taken = { what: 'export', report: null, file: null, after, through, personal } as const;
    // of the whole log every tenant can say who took its part
    const tenants = tenant === null ? [...(await this.readModel.customers()), INSTALLATION_TENANT] : [tenant];
    for (const whose of tenants) await this.reads.record(caller, { ...taken, tenant: whose });
    response.set({
      'Content-Type': NDJSON,
      'Content-Disposition': `attachment; filename="${nameOf(wanted)}"`,
      'Cache-Control': 'no-store',
    });
    const lines = exportLog(this.reports.source, wanted);
    await pipeline(Readable.from(lines, { objectMode: false }), response).catch((error) =>
      this.#log.warn({ tenant, err: describeError(error) }, 'an export broke off'),
    );
  }

  async #wanted({ tenant, type, after = -1, through }: EventsExportQueryDto, caller: Caller): Promise<ExportQuery> {
    const whose = await this.#tenant(caller, tenant);
    if (through !== undefined && through < after)
      throw new InvalidRequestError([{ field: 'through', problem: 'must not be before after' }], 'invalid-position');
    await this.#mustHave(after, through);
    const reached = await this.readModel.reached(undefined, Math.max(after, through ?? -1));
    return { tenant: whose, type: type ?? null, after, through: through ?? reached, personal: maySeePersonal(caller) };
  }

  /** What is sealed and not taken in yet can be waited for; what is not in the log cannot. */
  async #mustHave(after: number, through: number | undefined): Promise<void> {
    const last = await sealedPosition(this.readModel.database);
    if (after > last) throw new ExportBeyondLogError('after', after, last);
    if (through !== undefined && through > last) throw new ExportBeyondLogError('through', through, last);
  }

  /** Null for the whole log: an installation key that names no tenant. */
  async #tenant(caller: Caller, requested: string | undefined): Promise<string | null> {
    if (caller.tenant === null && requested === undefined) return null;
    return this.readModel.tenantOrInstallation(caller, requested);
  }
}

/** Such that parts of one log stand in their order. */
const nameOf = ({ tenant, type, after, through }: ExportQuery): string =>
  `${['events', tenant, type, ordered(after + 1), ordered(through)].filter((part) => part !== null).join('-')}.ndjson`;

const ordered = (position: number): string => String(Math.max(0, position)).padStart(12, '0');
