import { Body, Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FindingCommand, FindingDecider } from '#libs/domain';
import { encodePositionToken } from '#libs/event-store';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  NotFoundError,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { ActingPeople } from '../people/acting-as.js';
import { requireDeciding } from '../people/reader-rights.js';
import { TenantQuery, UuidParams } from '../questions.dto.js';
import { FindingRecords } from './finding-records.js';
import { AcceptFindingDto, AssignFindingDto, FindingWrittenDto, ResolveFindingDto } from './findings.dto.js';

type WithoutMetadata<C> = C extends FindingCommand ? Omit<C, 'metadata'> : never;

/** A request about one finding. */
interface Asked {
  readonly id: string;
  readonly query: TenantQuery;
  readonly body: ResolveFindingDto;
  readonly request: PlatformRequest;
  readonly caller: Caller;
}

/** Decisions about findings, for administrators and for who answers for one. */
@Controller('api/v1/findings')
@ApiTags('findings')
@RequireScopes()
export class FindingCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly people: ActingPeople,
    private readonly records: FindingRecords,
  ) {}

  @Post(':id/accept')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Accept a finding for a time; then it is raised again if it still holds' })
  @ApiOkResponse({ type: FindingWrittenDto })
  accept(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: AcceptFindingDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<FindingWrittenDto> {
    const { until, reason } = body;
    return this.#run({ id, query, body, request, caller }, (decider) => ({
      type: 'AcceptFinding',
      data: { ...decider, until, reason },
    }));
  }

  @Post(':id/assign')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Say who answers for a finding' })
  @ApiOkResponse({ type: FindingWrittenDto })
  async assign(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: AssignFindingDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<FindingWrittenDto> {
    mustDecide(caller);
    const { owner, reason } = body;
    const tenant = await this.requests.tenant(caller, query.tenant);
    if (owner !== null && !(await this.people.isActive(tenant, owner))) throw new NotFoundError('account');
    return this.#run({ id, query, body, request, caller }, (decider) => ({
      type: 'AssignFinding',
      data: { ...decider, owner, reason },
    }));
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Close a finding; it is raised again only when something new shows it' })
  @ApiOkResponse({ type: FindingWrittenDto })
  resolve(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: ResolveFindingDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<FindingWrittenDto> {
    return this.#run({ id, query, body, request, caller }, (decider) => ({
      type: 'ResolveFinding',
      data: { ...decider, code: 'by-hand', event: null, reason: body.reason },
    }));
  }

  async #run(
    { id, query, body, request, caller }: Asked,
    command: (decider: FindingDecider) => WithoutMetadata<FindingCommand>,
  ): Promise<FindingWrittenDto> {
    mustDecide(caller);
    const tenant = await this.requests.tenant(caller, query.tenant);
    const { account, via } = await this.people.find(caller, tenant, body.actAs);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const decider = { by: account, via, mayAdminister: caller.scopes.has('admin') };
    const { state, storePosition } = await this.records.decide(metadata, id, command(decider));
    const { status, owner } = state;
    return { id, status, owner, positionToken: encodePositionToken(storePosition) };
  }
}

/**
 * A key decides with the scope of administrators, or with the one for decisions beside `act-as`; a person needs neither for what is theirs.
 * @throws {MissingScopeError}
 */
function mustDecide(caller: Caller): void {
  if (!caller.scopes.has('admin')) requireDeciding(caller);
}
