import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import type { Database } from '#libs/database';
import {
  CATALOG,
  type Caller,
  CurrentCaller,
  DATABASE,
  ENVIRONMENT,
  type Environment,
  ownedBy,
  pageById,
  RequireScopes,
  sealedPosition,
  WriteRequests,
} from '#libs/platform';
import { CatalogParams, CatalogQuery, ConnectionDto, ConnectionPageDto } from './catalog.dto.js';
import { shownConnection } from './shown-connection.js';

/** Connections as they stand in the store: never behind a write, so `minPosition` always holds. */
@Controller('api/v1/connections')
@ApiTags('connections')
@RequireScopes('audit:read')
export class ConnectionsController {
  constructor(
    private readonly requests: WriteRequests,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Connections of a tenant, without removed ones' })
  @ApiOkResponse({ type: ConnectionPageDto })
  async list(@Query() query: CatalogQuery, @CurrentCaller() caller: Caller): Promise<ConnectionPageDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const position = await sealedPosition(this.database);
    const all = (await this.catalog.current()).connections(tenant);
    const { items, nextCursor } = pageById('connections.1', all, query);
    return {
      items: items.map((connection) => shownConnection(connection, this.environment.publicUrl)),
      nextCursor,
      position,
    };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A connection with its settings and rules, and where identity providers find Gatebook' })
  @ApiOkResponse({ type: ConnectionDto })
  async read(@Param() { id }: CatalogParams, @CurrentCaller() caller: Caller): Promise<ConnectionDto> {
    const connection = ownedBy(caller, (await this.catalog.current()).connection(id), 'connection');
    return shownConnection(connection, this.environment.publicUrl);
  }
}
