import { Body, Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { encodePositionToken } from '#libs/event-store';
import { durationMs } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  MissingScopeError,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { ActingPeople, type ActingPerson } from '../people/acting-as.js';
import { TenantQuery, UuidParams } from '../questions.dto.js';
import {
  ApproveElevationDto,
  ElevationWrittenDto,
  EndElevationDto,
  ExtendElevationDto,
  NewElevationDto,
} from './elevations.dto.js';
import { type Asking, type ElevationOutcome, Elevations } from './elevations.js';

/** What a request says of itself, before it is known whom it speaks for. */
interface Told {
  readonly caller: Caller;
  readonly request: PlatformRequest;
  readonly query: TenantQuery;
  readonly body: { readonly actAs?: string | undefined };
}

/**
 * Asking for a role for a time, answering, extending, ending. People need no right to ask for themselves, nor to answer what they are asked;
 * keys need `elevations:write`, and speak for a person where one must decide.
 */
@Controller('api/v1/elevations')
@ApiTags('elevations')
@RequireScopes()
export class ElevationCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly people: ActingPeople,
    private readonly elevations: Elevations,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Ask for a role for a time' })
  @ApiCreatedResponse({ type: ElevationWrittenDto })
  async request(
    @Query() query: TenantQuery,
    @Body() body: NewElevationDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ElevationWrittenDto> {
    if (!(caller.via === 'session' && caller.actor.id === body.account)) requireElevating(caller);
    const asking = await this.#asking({ caller, request, query, body });
    const { account, role, reason, breakGlass = false } = body;
    const wanted = { account, role, reason, breakGlass, durationMs: durationMs(body.duration) };
    return written(await this.elevations.request(wanted, asking));
  }

  @Post(':id/approve')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Approve; with the last approval that is needed the elevation begins' })
  @ApiOkResponse({ type: ElevationWrittenDto })
  async approve(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: ApproveElevationDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ElevationWrittenDto> {
    const asking = await this.#askingPerson({ caller, request, query, body });
    return written(await this.elevations.approve(id, body.reason ?? null, asking));
  }

  @Post(':id/refuse')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Refuse a request, or take back one’s own' })
  @ApiOkResponse({ type: ElevationWrittenDto })
  async refuse(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: EndElevationDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ElevationWrittenDto> {
    if (caller.via === 'key') requireElevating(caller);
    const asking = await this.#asking({ caller, request, query, body });
    return written(await this.elevations.refuse(id, body.reason, asking));
  }

  @Post(':id/extend')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Let an elevation under way go on for longer, as an approver' })
  @ApiOkResponse({ type: ElevationWrittenDto })
  async extend(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: ExtendElevationDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ElevationWrittenDto> {
    const asking = await this.#askingPerson({ caller, request, query, body });
    const { reason, duration } = body;
    return written(await this.elevations.extend(id, { reason, durationMs: durationMs(duration) }, asking));
  }

  @Post(':id/end')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'End an elevation before its time; the account’s sessions end with it' })
  @ApiOkResponse({ type: ElevationWrittenDto })
  async end(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: EndElevationDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ElevationWrittenDto> {
    if (caller.via === 'key') requireElevating(caller);
    const asking = await this.#asking({ caller, request, query, body });
    return written(await this.elevations.end(id, body.reason, asking));
  }

  async #asking({ caller, request, query, body }: Told): Promise<Asking> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const acting = await this.people.find(caller, tenant, body.actAs);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return { metadata, acting, mayAdminister: caller.scopes.has('elevations:write') };
  }

  async #askingPerson({ caller, request, query, body }: Told): Promise<Asking<ActingPerson>> {
    if (caller.via === 'key') requireElevating(caller);
    const tenant = await this.requests.tenant(caller, query.tenant);
    const acting = await this.people.person(caller, tenant, body.actAs);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return { metadata, acting, mayAdminister: caller.scopes.has('elevations:write') };
  }
}

/** @throws {MissingScopeError} */
function requireElevating({ scopes }: Caller): void {
  if (!scopes.has('elevations:write')) throw new MissingScopeError(['elevations:write']);
}

function written({ id, status, storePosition }: ElevationOutcome): ElevationWrittenDto {
  return { id, status, positionToken: encodePositionToken(storePosition) };
}
