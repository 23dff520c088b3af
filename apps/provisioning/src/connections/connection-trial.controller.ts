import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller, RequireScopes } from '#libs/platform';
import { CatalogParams } from '../catalog/catalog.dto.js';
import { ConnectionTrial } from './connection-trial.js';
import { ConnectionWrites } from './connection-writes.js';
import { ConnectionTestDto } from './connections.dto.js';

/** Tries connections before people do. */
@Controller('api/v1/connections')
@ApiTags('connections')
@RequireScopes('connections:write')
export class ConnectionTrialController {
  constructor(
    private readonly trial: ConnectionTrial,
    private readonly writes: ConnectionWrites,
  ) {}

  @Post(':id/test')
  @HttpCode(200)
  @ApiOperation({ summary: 'Look at settings, certificates and what the provider publishes; changes nothing' })
  @ApiOkResponse({ type: ConnectionTestDto })
  async test(@Param() { id }: CatalogParams, @CurrentCaller() caller: Caller): Promise<ConnectionTestDto> {
    const checks = await this.trial.run(await this.writes.present(id, caller));
    return { passed: checks.every(({ passed }) => passed), checks };
  }
}
