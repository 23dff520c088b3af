import { Body, Controller, Delete, HttpCode, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import type { ConnectionState } from '#libs/domain';
import { encodePositionToken, type Outcome } from '#libs/event-store';
import {
  ApiIdempotencyKey,
  CATALOG,
  type Caller,
  CurrentCaller,
  ENVIRONMENT,
  type Environment,
  ownedBy,
  type PlatformRequest,
  RequireScopes,
} from '#libs/platform';
import { WriteRequests } from '../accounts/write-request.js';
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
import { versionOf } from './if-match.js';

const IfMatch = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'The version that the change is made from; 412 otherwise',
  });

/** Connections that are looked after through the API. Secrets go in and never come out. */
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
  async create(
    @Body() body: NewConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ConnectionWrittenDto> {
    const tenant = await this.requests.tenant(caller, body.tenant);
    const asking = this.#asking(caller, request, body, tenant);
    return this.#written(await this.writes.create(body, asking), tenant);
  }

  @Patch(':id')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiExtraModels(ConnectionWrittenDto, ConsequencesDto)
  @ApiOperation({ summary: 'Change a connection, or with dryRun see what the change would take' })
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(ConnectionWrittenDto) }, { $ref: getSchemaPath(ConsequencesDto) }] },
  })
  async change(
    @Param() { id }: CatalogParams,
    @Body() body: ChangedConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ConnectionWrittenDto | ConsequencesDto> {
    const state = await this.writes.present(id, caller);
    const asking = this.#asking(caller, request, body, state.tenant);
    if (body.dryRun) return this.writes.weigh(state, body, asking);
    return this.#written(await this.writes.change(state, body, asking), state.tenant);
  }

  @Post(':id/enable')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Let people in through a connection' })
  @ApiOkResponse({ type: ConnectionWrittenDto })
  enable(
    @Param() { id }: CatalogParams,
    @Body() body: SwitchConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ConnectionWrittenDto> {
    return this.#switch(id, true, body, request, caller);
  }

  @Post(':id/disable')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Let nobody in any more; sessions that came through the connection end, grants stay' })
  @ApiOkResponse({ type: ConnectionWrittenDto })
  disable(
    @Param() { id }: CatalogParams,
    @Body() body: SwitchConnectionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ConnectionWrittenDto> {
    return this.#switch(id, false, body, request, caller);
  }

  @Delete(':id')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Remove a connection for good: its grants end, its id stays taken' })
  @ApiOkResponse({ type: ConnectionWrittenDto })
  async remove(
    @Param() { id }: CatalogParams,
    @Query() query: RemovalQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ConnectionWrittenDto> {
    const state = ownedBy(caller, (await this.catalog.current()).connection(id), 'connection');
    const asking = this.#asking(caller, request, query, state.tenant);
    return this.#written(await this.writes.remove(state, query, asking), state.tenant);
  }

  async #switch(
    id: string,
    enabled: boolean,
    body: SwitchConnectionDto,
    request: PlatformRequest,
    caller: Caller,
  ): Promise<ConnectionWrittenDto> {
    const state = await this.writes.present(id, caller);
    const asking = this.#asking(caller, request, body, state.tenant);
    return this.#written(await this.writes.switch(state, enabled, body.reason, asking), state.tenant);
  }

  #asking(caller: Caller, request: PlatformRequest, body: unknown, tenant: string): Asking {
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return { caller, metadata, ifVersion: versionOf(request) };
  }

  #written({ state, storePosition }: Outcome<ConnectionState>, tenant: string): ConnectionWrittenDto {
    const shown = shownConnection({ ...state, tenant }, this.environment.publicUrl);
    return { ...shown, positionToken: encodePositionToken(storePosition) };
  }
}
