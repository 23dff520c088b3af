import { Body, Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import { ApplyConfiguration, noReferences, readConfiguration } from '#libs/configuration';
import { encodePositionToken } from '#libs/event-store';
import { INSTALLATION_TENANT } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  CATALOG,
  type Caller,
  CurrentCaller,
  NotFoundError,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { ApplyConfigurationDto, ConfigurationDto, ConfigurationOutcomeDto } from './configuration.dto.js';

/** The configuration of the whole installation, for its own keys alone. */
@Controller('api/v1/configuration')
@ApiTags('configuration')
@RequireScopes('admin')
export class ConfigurationController {
  constructor(
    private readonly configurations: ApplyConfiguration,
    private readonly requests: WriteRequests,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Apply a configuration, or with dryRun see what it would change and take' })
  @ApiOkResponse({ type: ConfigurationOutcomeDto })
  async apply(
    @Body() body: ApplyConfigurationDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ConfigurationOutcomeDto> {
    ofTheInstallation(caller);
    const metadata = this.requests.metadata(caller, request, body, INSTALLATION_TENANT);
    const asked = { configuration: readConfiguration(body.yaml, noReferences), prune: body.prune ?? false };
    if (body.dryRun) {
      const { changes, losses, warnings, remarks, confirm } = await this.configurations.plan(asked);
      return { changes, losses, warnings, remarks, confirm, applied: false, positionToken: null };
    }
    const { confirm, reason } = body;
    const outcome = await this.configurations.apply({ ...asked, confirm, reason, metadata });
    const { changes, losses, warnings, remarks, storePosition } = outcome;
    return {
      changes,
      losses,
      warnings,
      remarks,
      confirm: null,
      applied: true,
      positionToken: encodePositionToken(storePosition),
    };
  }

  @Get()
  @ApiOperation({ summary: 'Which configuration is in force, and which one waits' })
  @ApiOkResponse({ type: ConfigurationDto })
  async read(@CurrentCaller() caller: Caller): Promise<ConfigurationDto> {
    ofTheInstallation(caller);
    const { appliedHash, heldHash } = (await this.catalog.current()).configuration();
    return { appliedHash, heldHash };
  }
}

/** A configuration spans tenants: for a tenant's key it does not exist. @throws {NotFoundError} */
function ofTheInstallation(caller: Caller): void {
  if (caller.tenant !== null) throw new NotFoundError('configuration');
}
