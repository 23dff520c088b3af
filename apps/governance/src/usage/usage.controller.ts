import { Body, Controller, Inject, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { usageDecider } from '#libs/domain';
import { decideAndAppend, encodePositionToken } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import { KnownAccounts } from './known-accounts.js';
import { UsageDto, UsageTakenDto } from './usage.dto.js';

/** Where applications, or those who watch over them, say when people last used them. */
@Controller('api/v1/usage')
@ApiTags('findings')
@RequireScopes('accounts:write')
export class UsageController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly accounts: KnownAccounts,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Report use; taken as a whole, or refused as a whole with the entries that are wrong' })
  @ApiCreatedResponse({ type: UsageTakenDto })
  async report(
    @Body() body: UsageDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<UsageTakenDto> {
    const tenant = await this.requests.tenant(caller, body.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const usage = metadata.deriveId('usage');
    const entries = body.entries.map(({ account, application, role, usedAt }) => ({
      account,
      application,
      role: role ?? null,
      usedAt,
    }));
    const accounts = await this.accounts.among(tenant, new Set(entries.map(({ account }) => account)));
    const stream = streamName({ category: 'usage', tenant, id: usage });
    const command = { type: 'ReportUsage', data: { usage, source: body.source, entries, accounts }, metadata } as const;
    const { storePosition } = await decideAndAppend(this.path, stream, usageDecider, command);
    return { id: usage, entries: entries.length, positionToken: encodePositionToken(storePosition) };
  }
}
