import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import { ConnectionNotFoundError } from '#libs/domain';
import { encodePositionToken } from '#libs/event-store';
import {
  ApiIdempotencyKey,
  CATALOG,
  type Caller,
  CurrentCaller,
  ownedBy,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { CatalogParams } from '../catalog/catalog.dto.js';
import { MetadataRefreshDto } from './metadata-refreshes.dto.js';
import { MetadataRefreshes } from './metadata-refreshes.js';

/** Reads the metadata of a connection's identity provider when somebody asks, besides the times at which it is read anyway. */
@Controller('api/v1/connections')
@ApiTags('connections')
@RequireScopes('connections:write')
export class MetadataRefreshesController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly refreshes: MetadataRefreshes,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  @Post(':id/metadata-refreshes')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Read the metadata of the identity provider now, and take over what it says' })
  @ApiOkResponse({ type: MetadataRefreshDto })
  async refresh(
    @Param() { id }: CatalogParams,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<MetadataRefreshDto> {
    const connection = ownedBy(caller, (await this.catalog.current()).connection(id), 'connection');
    if (connection.status !== 'present') throw new ConnectionNotFoundError();
    const metadata = this.requests.metadata(caller, request, {}, connection.tenant);
    const { result, changes, refusal, state, storePosition } = await this.refreshes.refresh(connection, metadata);
    return { result, changes, refusal, version: state.version, positionToken: encodePositionToken(storePosition) };
  }
}
