import { Body, Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { WITHHELD } from '#libs/read-model';
import { AccountMergeDto } from './account-merge.dto.js';
import { AccountMerging, type MergeEffects } from './account-merging.js';
import { AccountWrittenDto, accountWritten, tokenOf } from './account-written.dto.js';
import { AccountParams, EndLinkDto, MergeDto, MergeQuery, NewLinkDto, TenantQuery } from './accounts.dto.js';
import { LinkingByHand } from './linking-by-hand.js';

/** Who signs in to an account: identities are joined to it by hand, separated, and taken over from another account of the same person. */
@Controller('api/v1/accounts')
@ApiTags('accounts')
@RequireScopes('accounts:write')
export class AccountIdentitiesController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly linking: LinkingByHand,
    private readonly merging: AccountMerging,
  ) {}

  @Post(':id/links')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Join a subject of a connection to an account, so that this person can sign in to it' })
  @ApiCreatedResponse({ type: AccountWrittenDto })
  async link(
    @Param() { id }: AccountParams,
    @Query() query: TenantQuery,
    @Body() body: NewLinkDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return accountWritten(await this.linking.link(id, body, { caller, metadata }), tenant);
  }

  @Post(':id/unlink')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({
    summary: 'Separate a subject of a connection from an account: what the connection gave ends, and so do sessions',
  })
  @ApiOkResponse({ type: AccountWrittenDto })
  async unlink(
    @Param() { id }: AccountParams,
    @Query() query: TenantQuery,
    @Body() body: EndLinkDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return accountWritten(await this.linking.unlink(id, body, { caller, metadata }), tenant);
  }

  @Post(':id/merge')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({
    summary: 'Take over the identities of another account of the same person, which ends',
    description:
      'Grants of the account that ends are revoked; rules give at the next sign-in. If it was interrupted, ask again: repeating completes it.',
  })
  @ApiOkResponse({ type: AccountMergeDto })
  async merge(
    @Param() { id: account }: AccountParams,
    @Query() query: MergeQuery,
    @Body() body: MergeDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountMergeDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { from, reason } = body;
    const asked = { account, from, reason, caller, metadata };
    const answer = (effects: MergeEffects) => ({ account, from, tenant, ...shown(effects, caller) });
    if (query.dryRun === 'true')
      return { ...answer(await this.merging.plan(asked)), dryRun: true, positionToken: null };
    const merged = await this.merging.merge(asked);
    return { ...answer(merged), dryRun: false, positionToken: tokenOf(merged) };
  }
}

function shown({ links, endedGrants }: MergeEffects, { scopes }: Caller): MergeEffects {
  const visible = (subject: string) => (scopes.has('personal:read') ? subject : WITHHELD);
  return { endedGrants, links: links.map(({ connection, subject }) => ({ connection, subject: visible(subject) })) };
}
