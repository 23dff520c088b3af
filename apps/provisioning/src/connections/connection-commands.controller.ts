import { Body, Controller, Delete, HttpCode, Inject, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { type ChangeWaits, isWaiting } from '#libs/configuration';
import type { ConnectionState } from '#libs/domain';
import { encodePositionToken, type Outcome } from '#libs/event-store';
import {
  ApiChangeHeld,
  ApiIdempotencyKey,
  answerHeld,
  CATALOG,
  type Caller,
  type ChangeHeldDto,
  CurrentCaller,
  ENVIRONMENT,
  type Environment,
  ownedBy,
  type PlatformRequest,
  RequireScopes,
  versionOf,
  WriteRequests,
} from '#libs/platform';
import { CatalogParams } from '../catalog/catalog.dto.js';
import { shownConnection } from '../catalog/shown-connection.js';
import { type Asking, ConnectionWrites } from './connection-writes.js';
import {
  ChangedConnectionDto,
  ConnectionWrittenDto,
  ConsequencesDto,
  NewConnectionDto,
  RemovalQuery,
  SwitchConnectionDto,
} from './connections.dto.js';

const IfMatch = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The version that the change is made from; 412 otherwise',
  });

type Written = ConnectionWrittenDto | ChangeHeldDto;

interface At {
  readonly request: PlatformRequest;
  readonly caller: Caller;
  readonly response: Response;
}

/** Connections that are looked after through the API. Secrets go in and never come out. Where the tenant wants a second person, changes wait. */
@Controller('api/v1/connections')
@ApiTags('connections')
@RequireScopes('connections:write')
export class ConnectionCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly writes: ConnectionWrites,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Make a connection; it admits nobody until it is enabled' })
  @ApiCreatedResponse({ type: ConnectionWrittenDto })
  @ApiChangeHeld()
  async create(
    @Body() body: NewConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    const tenant = await this.requests.tenant(caller, body.tenant);
    const asking = this.#asking(caller, request, body, tenant);
    return this.#written(await this.writes.create(body, asking), tenant, response);
  }

  @Patch(':id')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiExtraModels(ConnectionWrittenDto, ConsequencesDto)
  @ApiOperation({ summary: 'Change a connection, or with dryRun see what the change would take' })
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(ConnectionWrittenDto) }, { $ref: getSchemaPath(ConsequencesDto) }] },
  })
  @ApiChangeHeld()
  async change(
    @Param() { id }: CatalogParams,
    @Body() body: ChangedConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written | ConsequencesDto> {
    const state = await this.writes.present(id, caller);
    const asking = this.#asking(caller, request, body, state.tenant);
    if (body.dryRun) return this.writes.weigh(state, body, asking);
    return this.#written(await this.writes.change(state, body, asking), state.tenant, response);
  }

  @Post(':id/enable')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Let people in through a connection' })
  @ApiOkResponse({ type: ConnectionWrittenDto })
  @ApiChangeHeld()
  enable(
    @Param() { id }: CatalogParams,
    @Body() body: SwitchConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    return this.#switch(id, true, body, { request, caller, response });
  }

  @Post(':id/disable')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({
    summary:
      'Let nobody in any more; sessions that came through the connection end, grants stay. Never waits for anybody',
  })
  @ApiOkResponse({ type: ConnectionWrittenDto })
  disable(
    @Param() { id }: CatalogParams,
    @Body() body: SwitchConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    return this.#switch(id, false, body, { request, caller, response });
  }

  @Delete(':id')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Remove a connection for good: its grants end, its id stays taken' })
  @ApiOkResponse({ type: ConnectionWrittenDto })
  @ApiChangeHeld()
  async remove(
    @Param() { id }: CatalogParams,
    @Query() query: RemovalQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    const state = ownedBy(caller, (await this.catalog.current()).connection(id), 'connection');
    const metadata = this.requests.metadata(caller, request, query, state.tenant);
    const asking = { caller, metadata, ifVersion: versionOf(request), emergency: query.emergency === 'true' };
    return this.#written(await this.writes.remove(state, query, asking), state.tenant, response);
  }

  async #switch(
    id: string,
    enabled: boolean,
    body: SwitchConnectionDto,
    { request, caller, response }: At,
  ): Promise<Written> {
    const state = await this.writes.present(id, caller);
    const asking = this.#asking(caller, request, body, state.tenant);
    return this.#written(await this.writes.switch(state, enabled, body.reason, asking), state.tenant, response);
  }

  #asking(
    caller: Caller,
    request: PlatformRequest,
    body: { readonly emergency?: boolean | undefined },
    tenant: string,
  ): Asking {
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return { caller, metadata, ifVersion: versionOf(request), emergency: body.emergency };
  }

  #written(outcome: Outcome<ConnectionState> | ChangeWaits, tenant: string, response: Response): Written {
    if (isWaiting(outcome)) return answerHeld(response, outcome);
    const shown = shownConnection({ ...outcome.state, tenant }, this.environment.publicUrl);
    return { ...shown, positionToken: encodePositionToken(outcome.storePosition) };
  }
}
