import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog, InTenant } from '#libs/catalog';
import { ApiKeyNotFoundError, type ApiKeyState, apiKeyDecider } from '#libs/domain';
import { decideAndAppend, encodePositionToken } from '#libs/event-store';
import { INSTALLATION_TENANT, streamName } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  CATALOG,
  type Caller,
  CLOCK,
  type Clock,
  CurrentCaller,
  newApiKey,
  type PlatformRequest,
  RequireScopes,
  requireOwnScopes,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import {
  type KeyDto,
  KeyMadeDto,
  KeyParams,
  KeyRevokedDto,
  KeyDto as KeyShape,
  NewKeyDto,
  RevokeKeyQuery,
} from './keys.dto.js';

/** API keys: bearer secrets with scopes and an end, kept as a hash, shown once. */
@Controller('api/v1/keys')
@ApiTags('keys')
@RequireScopes('admin')
export class KeysController {
  constructor(
    private readonly requests: WriteRequests,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Make an API key; its secret is shown once' })
  @ApiCreatedResponse({ type: KeyMadeDto })
  async create(
    @Body() body: NewKeyDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<KeyMadeDto> {
    requireOwnScopes(caller, body.scopes);
    const tenant = await this.#ownerOf(caller, body.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const id = metadata.deriveId('key');
    const { token, secretHash } = newApiKey(id);
    const { name, scopes, expiresAt, reason } = body;
    const command = {
      type: 'CreateApiKey',
      data: { key: id, name, scopes, expiresAt, secretSha256: secretHash, reason },
      metadata,
    } as const;
    const outcome = await decideAndAppend(
      this.path,
      streamName({ category: 'apiKey', tenant, id }),
      apiKeyDecider,
      command,
    );
    const made = {
      ...this.#shown({ ...outcome.state, tenant }),
      positionToken: encodePositionToken(outcome.storePosition),
    };
    // of simultaneous copies of one request only one was recorded: the others' secrets open nothing and are not shown
    const recorded = (await this.catalog.current()).apiKey(id);
    return recorded?.secretSha256 === secretHash ? { ...made, secret: token } : made;
  }

  @Get(':id')
  @ApiOperation({ summary: 'An API key, without its secret' })
  @ApiOkResponse({ type: KeyShape })
  async read(@Param() { id }: KeyParams, @CurrentCaller() caller: Caller): Promise<KeyDto> {
    return this.#shown(await this.#find(caller, id));
  }

  @Delete(':id')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'End an API key at once' })
  @ApiOkResponse({ type: KeyRevokedDto })
  async revoke(
    @Param() { id }: KeyParams,
    @Query() query: RevokeKeyQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<KeyRevokedDto> {
    const { tenant } = await this.#find(caller, id);
    const metadata = this.requests.metadata(caller, request, query, tenant);
    const command = { type: 'RevokeApiKey', data: { reason: query.reason }, metadata } as const;
    const outcome = await decideAndAppend(
      this.path,
      streamName({ category: 'apiKey', tenant, id }),
      apiKeyDecider,
      command,
    );
    return { ...this.#shown({ ...outcome.state, tenant }), positionToken: encodePositionToken(outcome.storePosition) };
  }

  async #ownerOf(caller: Caller, requested: string | undefined): Promise<string> {
    if (caller.tenant === null && requested === undefined) return INSTALLATION_TENANT;
    return this.requests.tenant(caller, requested);
  }

  async #find(caller: Caller, id: string): Promise<InTenant<ApiKeyState>> {
    const key = (await this.catalog.current()).apiKey(id);
    // another tenant's key answers exactly like one that does not exist
    if (!key || (caller.tenant !== null && caller.tenant !== key.tenant)) throw new ApiKeyNotFoundError();
    return key;
  }

  #shown({ id, name, tenant, scopes, expiresAt, status }: InTenant<ApiKeyState>): KeyDto {
    const over = status === 'live' && expiresAt <= this.clock.now().toISOString();
    return {
      id,
      name,
      tenant: tenant === INSTALLATION_TENANT ? null : tenant,
      scopes,
      expiresAt,
      status: over ? 'expired' : status,
    };
  }
}
