import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { INSTALLATION_TENANT, type SealedEvent } from '#libs/kernel';
import { type Caller, CurrentCaller, makeCursor, NotFoundError, RequireScopes, readCursor } from '#libs/platform';
import { connectionIsKnown, findEventPlaces, isSubjectOfEvents, listEvents } from '#libs/read-model';
import { ReadModel } from '../reading/read-model.js';
import { AuditReads } from '../reports/audit-reads.js';
import { EventDto, EventParams, EventQueryDto, EventsDto, EventsQueryDto } from './events.dto.js';

const LIST = 'events.1';

/** The audit log itself. Who looks at it is recorded in it. */
@Controller('api/v1/events')
@ApiTags('audit')
@RequireScopes('audit:read')
export class EventsController {
  constructor(
    private readonly readModel: ReadModel,
    private readonly reads: AuditReads,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Events of the sealed log, ascending',
    description: 'An installation key that names no tenant gets the whole log. Who reads is recorded.',
  })
  @ApiOkResponse({ type: EventsDto })
  async list(@Query() query: EventsQueryDto, @CurrentCaller() caller: Caller): Promise<EventsDto> {
    const tenant = await this.tenant(caller, query.tenant);
    const { cursor, minPosition, after = -1, ...filter } = query;
    const [read = -1] = cursor === undefined ? [] : readCursor(LIST, ['integer'] as const, cursor);
    const position = await this.readModel.reached(minPosition);
    if (tenant !== null) await this.mustExist(tenant, query);
    const begin = Math.max(after, read);
    const page = await listEvents(this.readModel.database, { ...filter, tenant, after: begin, through: position });
    const items = await this.readModel.events(caller, page.items);
    const last = page.more ? items.at(-1) : undefined;
    const tenants = new Set([tenant ?? INSTALLATION_TENANT, ...items.map((event) => event.tenant)]);
    await this.reads.count(caller, { what: 'events', tenants, after: begin, through: last?.position ?? position });
    return { items, nextCursor: last ? makeCursor(LIST, [last.position]) : null, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One event' })
  @ApiOkResponse({ type: EventDto })
  async find(
    @Param() { id }: EventParams,
    @Query() query: EventQueryDto,
    @CurrentCaller() caller: Caller,
  ): Promise<SealedEvent> {
    const tenant = await this.tenant(caller, query.tenant);
    await this.readModel.reached(query.minPosition);
    const [place] = await findEventPlaces(this.readModel.database, [id]);
    if (!place || (tenant !== null && place.tenant !== tenant)) throw new NotFoundError('event');
    const [event] = await this.readModel.events(caller, [place]);
    if (!event) throw new NotFoundError('event');
    const stretch = { after: event.position - 1, through: event.position };
    await this.reads.count(caller, { what: 'events', tenants: [event.tenant], ...stretch });
    return event;
  }

  /** Null for the whole log: an installation key that names no tenant. */
  private async tenant(caller: Caller, requested: string | undefined): Promise<string | null> {
    if (caller.tenant === null && requested === undefined) return null;
    return this.readModel.tenantOrInstallation(caller, requested);
  }

  /** What another tenant has does not exist. */
  private async mustExist(tenant: string, { account, connection }: EventsQueryDto): Promise<void> {
    const { database } = this.readModel;
    if (account !== undefined && !(await isSubjectOfEvents(database, tenant, account)))
      throw new NotFoundError('account');
    if (connection !== undefined && !(await connectionIsKnown(database, tenant, connection)))
      throw new NotFoundError('connection');
  }
}
