import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller, RequireScopes } from '#libs/platform';
import { ConnectionWrites } from '../connections/connection-writes.js';
import { MappingPreviewDto, MappingPreviewResultDto } from './mapping-preview.dto.js';
import { MappingPreview } from './mapping-preview.js';

/** Mappings before they are in force. */
@Controller('api/v1/mappings')
@ApiTags('connections')
@RequireScopes('connections:write', 'personal:read')
export class MappingsController {
  constructor(
    private readonly preview: MappingPreview,
    private readonly writes: ConnectionWrites,
  ) {}

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'What sign-ins would come to under a proposed mapping, person by person; changes nothing' })
  @ApiOkResponse({ type: MappingPreviewResultDto })
  async run(@Body() body: MappingPreviewDto, @CurrentCaller() caller: Caller): Promise<MappingPreviewResultDto> {
    return this.preview.of(await this.writes.present(body.connection, caller), body);
  }
}
