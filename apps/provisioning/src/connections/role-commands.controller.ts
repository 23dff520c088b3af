import { Body, Controller, Delete, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type ChangeWaits, isWaiting } from '#libs/configuration';
import type { RoleState } from '#libs/domain';
import { encodePositionToken, type Outcome } from '#libs/event-store';
import {
  ApiChangeHeld,
  ApiIdempotencyKey,
  answerHeld,
  type Caller,
  type ChangeHeldDto,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { CatalogParams, OneOfTenantQuery } from '../catalog/catalog.dto.js';
import { shownRole } from '../catalog/shown-role.js';
import { RoleRemovalQuery } from './connections.dto.js';
import { RoleWrites } from './role-writes.js';
import { ChangedRoleDto, NewRoleDto, RoleWrittenDto } from './roles.dto.js';

type Written = RoleWrittenDto | ChangeHeldDto;

interface At {
  readonly caller: Caller;
  readonly response: Response;
  readonly tenant: string;
}

/** Roles that are looked after through the API. Where the tenant wants a second person for privileged ones, their changes wait. */
@Controller('api/v1/roles')
@ApiTags('roles')
@RequireScopes('connections:write')
export class RoleCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly writes: RoleWrites,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Put a role into the catalogue; a retired one of this id is defined again' })
  @ApiCreatedResponse({ type: RoleWrittenDto })
  @ApiChangeHeld()
  async create(
    @Body() body: NewRoleDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    const tenant = await this.requests.tenant(caller, body.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { emergency = false } = body;
    return written(await this.writes.create(body, { metadata, emergency }), { caller, response, tenant });
  }

  @Patch(':id')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Change a role' })
  @ApiOkResponse({ type: RoleWrittenDto })
  @ApiChangeHeld()
  async change(
    @Param() { id }: CatalogParams,
    @Query() query: OneOfTenantQuery,
    @Body() body: ChangedRoleDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { emergency = false } = body;
    return written(await this.writes.change(id, body, { metadata, emergency }), { caller, response, tenant });
  }

  @Delete(':id')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Retire a role: every grant of it ends' })
  @ApiOkResponse({ type: RoleWrittenDto })
  @ApiChangeHeld()
  async retire(
    @Param() { id }: CatalogParams,
    @Query() query: RoleRemovalQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, query, tenant);
    const emergency = query.emergency === 'true';
    return written(await this.writes.retire(id, query, { metadata, emergency }), { caller, response, tenant });
  }
}

function written(outcome: Outcome<RoleState> | ChangeWaits, { caller, response, tenant }: At): Written {
  if (isWaiting(outcome)) return answerHeld(response, outcome);
  const { state, storePosition } = outcome;
  return { ...shownRole({ ...state, tenant }, caller), positionToken: encodePositionToken(storePosition) };
}
