import { Controller, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { issueConnectionLink } from '#libs/configuration';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  ENVIRONMENT,
  type Environment,
  type PlatformRequest,
  RequireScopes,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import { CatalogParams } from '../catalog/catalog.dto.js';
import { ConnectionWrites } from './connection-writes.js';

/** A link to the set-up page of a connection. */
export class ConnectionLinkDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'https://gatebook.acme.example/setup/okta~…',
    description: 'Shown once; null in the answer to a repeated request',
  })
  url!: string | null;

  @ApiProperty({ format: 'date-time' })
  expiresAt!: string;
}

/** Links by which a customer's administrator sees what to enter at their provider, and tries a sign-in out. */
@Controller('api/v1/connections')
@ApiTags('connections')
@RequireScopes('connections:write')
export class ConnectionLinksController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly writes: ConnectionWrites,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Post(':id/setup-links')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Make a one-time link to the set-up page of a connection' })
  @ApiCreatedResponse({ type: ConnectionLinkDto })
  async issue(
    @Param() { id }: CatalogParams,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ConnectionLinkDto> {
    const { tenant } = await this.writes.present(id, caller);
    const metadata = this.requests.metadata(caller, request, {}, tenant);
    const { publicUrl } = this.environment;
    const issued = await issueConnectionLink({ path: this.path, publicUrl }, id, metadata);
    return { id: issued.id, url: issued.link?.url ?? null, expiresAt: issued.expiresAt };
  }
}
