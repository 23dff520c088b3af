import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SodExceptionState } from '#libs/domain';
import { encodePositionToken, type Outcome } from '#libs/event-store';
import {
  ApiIdempotencyKey,
  type Caller,
  CLOCK,
  type Clock,
  CurrentCaller,
  makeCursor,
  type PlatformRequest,
  RequireScopes,
  readCursor,
  WriteRequests,
} from '#libs/platform';
import { findSodExceptions, type SodExceptionRecord, WITHHELD } from '#libs/read-model';
import { ActingPeople } from '../people/acting-as.js';
import { ReadingPlace } from '../people/reading-place.js';
import { TenantQuery, UuidParams } from '../questions.dto.js';
import { SodExceptionRecords } from './sod-exception-records.js';
import {
  EndSodExceptionDto,
  NewSodExceptionDto,
  type SodExceptionDto,
  SodExceptionListDto,
  SodExceptionListQuery,
  SodExceptionWrittenDto,
} from './sod-exceptions.dto.js';

const LIST = 'sod-exceptions.1';

/** Exceptions from segregation of duties: each has somebody who answers for it, something that makes up for it, and an end. */
@Controller('api/v1/sod-exceptions')
@ApiTags('policies')
export class SodExceptionsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly people: ActingPeople,
    private readonly records: SodExceptionRecords,
    private readonly readModel: ReadingPlace,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @RequireScopes('audit:read')
  @ApiOperation({ summary: 'Exceptions from segregation of duties, in the order in which they were granted' })
  @ApiOkResponse({ type: SodExceptionListDto })
  async list(@Query() query: SodExceptionListQuery, @CurrentCaller() caller: Caller): Promise<SodExceptionListDto> {
    const { limit, cursor, minPosition, policy, account, status } = query;
    const tenant = await this.requests.tenant(caller, query.tenant);
    const [after] = cursor ? readCursor(LIST, ['integer'], cursor) : [undefined];
    const position = await this.readModel.reached(minPosition);
    const { items, more } = await findSodExceptions(this.readModel.database, {
      tenant,
      policy,
      account,
      status: status && [status],
      now: this.clock.now().toISOString(),
      after,
      through: position,
      limit,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.grantedPosition]) : null;
    const personal = caller.scopes.has('personal:read');
    return { items: items.map((row) => toException(row, personal)), nextCursor, position };
  }

  @Post()
  @RequireScopes('admin')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Let an account hold conflicting roles for a time' })
  @ApiCreatedResponse({ type: SodExceptionWrittenDto })
  async grant(
    @Query() query: TenantQuery,
    @Body() body: NewSodExceptionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SodExceptionWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const { actAs, policy, account, owner, control, until, reason } = body;
    const { account: by } = await this.people.find(caller, tenant, actAs);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return written(await this.records.grant({ policy, account, owner, control, until, by, reason }, metadata));
  }

  @Post(':id/end')
  @HttpCode(200)
  @RequireScopes('admin')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'End an exception before its time' })
  @ApiOkResponse({ type: SodExceptionWrittenDto })
  async end(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: EndSodExceptionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<SodExceptionWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const { account: by } = await this.people.find(caller, tenant, body.actAs);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return written(
      await this.records.run(id, { type: 'EndSodException', data: { by, reason: body.reason }, metadata }),
    );
  }
}

function written({ state, storePosition }: Outcome<SodExceptionState>): SodExceptionWrittenDto {
  const { exception: id, ended } = state;
  return { id, status: ended ? 'ended' : 'open', positionToken: encodePositionToken(storePosition) };
}

function toException(row: SodExceptionRecord, personal: boolean): SodExceptionDto {
  const shown = (text: string) => (personal ? text : WITHHELD);
  return {
    id: row.exception,
    policy: row.policy,
    account: row.account,
    owner: shown(row.owner),
    control: shown(row.control),
    reason: shown(row.reason),
    until: row.until.toISOString(),
    status: row.status,
    grantedBy: row.grantedBy,
    grantedAt: row.grantedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endedCode: row.endedCode,
  };
}
