import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog, InTenant } from '#libs/catalog';
import type { Database } from '#libs/database';
import {
  type ClientCommand,
  ClientIdTakenError,
  ClientNotFoundError,
  type ClientState,
  clientDecider,
} from '#libs/domain';
import { decideAndAppend, encodePositionToken, type Outcome } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  CATALOG,
  type Caller,
  CurrentCaller,
  DATABASE,
  NotFoundError,
  ownedBy,
  type PlatformRequest,
  pageById,
  RequireScopes,
  sealedPosition,
  versionOf,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import { CatalogQuery } from '../catalog/catalog.dto.js';
import { ClientSettingsFromRequest, type NewSecret } from './client-settings.js';
import {
  ChangedClientDto,
  ClientDto,
  ClientPageDto,
  ClientParams,
  ClientWrittenDto,
  NewClientDto,
  RemoveClientQuery,
} from './clients.dto.js';

const IfMatch = () =>
  ApiHeader({ name: 'If-Match', required: false, description: 'The version that the change is made from' });

/** Applications that sign people in through Gatebook. Secrets are made here and shown once; only their HMAC is kept. */
@Controller('api/v1/clients')
@ApiTags('clients')
export class ClientsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly settings: ClientSettingsFromRequest,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  @Get()
  @RequireScopes('audit:read')
  @ApiOperation({ summary: 'Clients of a tenant, without removed ones' })
  @ApiOkResponse({ type: ClientPageDto })
  async list(@Query() query: CatalogQuery, @CurrentCaller() caller: Caller): Promise<ClientPageDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const position = await sealedPosition(this.database);
    const all = (await this.catalog.current()).clients(tenant);
    const { items, nextCursor } = pageById('clients.1', all, query);
    return { items: items.map(shown), nextCursor, position };
  }

  @Get(':id')
  @RequireScopes('audit:read')
  @ApiOperation({ summary: 'A client, without its secret' })
  @ApiOkResponse({ type: ClientDto })
  async read(@Param() { id }: ClientParams, @CurrentCaller() caller: Caller): Promise<ClientDto> {
    return shown(ownedBy(caller, (await this.catalog.current()).client(id), 'client'));
  }

  @Post()
  @RequireScopes('connections:write')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Make a client known; its secret is shown once' })
  @ApiCreatedResponse({ type: ClientWrittenDto })
  async create(
    @Body() body: NewClientDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ClientWrittenDto> {
    const tenant = await this.requests.tenant(caller, body.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { clientId: client, reason, enabled = true } = body;
    const { settings, secret } = await this.settings.ofNew(tenant, body);
    const data = { client, settings, enabled, managedBy: 'api', asNew: true, reason } as const;
    return this.#write(client, { type: 'ConfigureClient', data, metadata }, secret);
  }

  @Patch(':id')
  @RequireScopes('connections:write')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Change a client; what is left out stays' })
  @ApiOkResponse({ type: ClientWrittenDto })
  async change(
    @Param() { id }: ClientParams,
    @Body() body: ChangedClientDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ClientWrittenDto> {
    const known = await this.#present(id, caller);
    const metadata = this.requests.metadata(caller, request, body, known.tenant);
    const { settings, secret } = await this.settings.ofChanged(known, body);
    const { reason, detach = false, enabled = known.enabled } = body;
    // the settings were made from what was read: whoever changed it meanwhile is not overwritten
    const from = { ifVersion: known.version, ...ifVersion(request) };
    const data = { client: id, settings, enabled, managedBy: 'api', detach, ...from, reason } as const;
    return this.#write(id, { type: 'ConfigureClient', data, metadata }, secret);
  }

  @Delete(':id')
  @RequireScopes('connections:write')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Remove a client for good; whoever is signed in to it through Gatebook is signed out' })
  @ApiOkResponse({ type: ClientWrittenDto })
  async remove(
    @Param() { id }: ClientParams,
    @Query() query: RemoveClientQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ClientWrittenDto> {
    const { tenant } = ownedBy(caller, (await this.catalog.current()).client(id), 'client');
    const metadata = this.requests.metadata(caller, request, query, tenant);
    const data = { managedBy: 'api', reason: query.reason, ...ifVersion(request) } as const;
    return this.#write(id, { type: 'RemoveClient', data, metadata }, null);
  }

  async #present(id: string, caller: Caller): Promise<InTenant<ClientState>> {
    const client = ownedBy(caller, (await this.catalog.current()).client(id), 'client');
    if (client.status !== 'present') throw new ClientNotFoundError();
    return client;
  }

  async #write(
    id: string,
    command: ClientCommand & { readonly metadata: CommandMetadata },
    secret: NewSecret | null,
  ): Promise<ClientWrittenDto> {
    const { tenant } = command.metadata;
    await this.#refuseTaken(id, tenant);
    const stream = streamName({ category: 'client', tenant, id });
    const outcome: Outcome<ClientState> = await decideAndAppend(this.path, stream, clientDecider, command);
    const positionToken = encodePositionToken(outcome.storePosition);
    const written = { ...shown({ ...outcome.state, tenant }), positionToken };
    // a repeat makes another secret, which opens nothing: only the one that was recorded is shown
    const isRecorded = secret !== null && outcome.state.settings?.secretHash === secret.hash;
    return isRecorded ? { ...written, clientSecret: secret.value } : written;
  }

  /** Ids are unique in the installation; whose the other one is, is nobody's business. */
  async #refuseTaken(id: string, tenant: string): Promise<void> {
    const known = (await this.catalog.current()).client(id);
    if (known && known.tenant !== tenant) throw new ClientIdTakenError(id);
  }
}

function shown({ id, tenant, status, enabled, version, managedBy, settings }: InTenant<ClientState>): ClientDto {
  if (settings === null) throw new NotFoundError('client');
  const { secretHash: _kept, ...open } = settings;
  return { clientId: id, tenant, status, enabled, version, managedBy, ...open };
}

/** The version in `If-Match`; without the header any will do. */
function ifVersion(request: PlatformRequest): { readonly ifVersion?: number } {
  const version = versionOf(request);
  return version === undefined ? {} : { ifVersion: version };
}
