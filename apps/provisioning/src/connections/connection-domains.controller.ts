import { Controller, Get, HttpCode, Inject, Optional, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { domainChallengeOf } from '#libs/configuration';
import { connectionDecider, DomainNotNamedError, ownedDomains } from '#libs/domain';
import { decideAndAppend, encodePositionToken } from '#libs/event-store';
import { proveDomain, type ResolveTxt } from '#libs/federation';
import { streamName } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  IsId,
  IsText,
  KEYRING,
  type Keyring,
  type PlatformRequest,
  RequireScopes,
  WRITE_PATH,
  type WritePath,
  WriteRequests,
} from '#libs/platform';
import { CatalogParams } from '../catalog/catalog.dto.js';
import { ConnectionWrites } from './connection-writes.js';
import { ConnectionDomainListDto, DomainProofDto } from './connections.dto.js';

/** Asks the DNS for TXT records: `ResolveTxt`. Without it, the resolvers of the host are asked. */
export const RESOLVE_TXT = Symbol('RESOLVE_TXT');

/** A domain of a connection in an address. */
export class DomainParams {
  @ApiProperty({ example: 'okta' })
  @IsId()
  id!: string;

  @ApiProperty({ example: 'acme.example' })
  @IsText({ max: 253 })
  domain!: string;
}

/** Which domains a connection may vouch for, and how it shows that they are its own. */
@Controller('api/v1/connections')
@ApiTags('connections')
export class ConnectionDomainsController {
  readonly #resolveTxt: ResolveTxt | undefined;

  constructor(
    private readonly requests: WriteRequests,
    private readonly writes: ConnectionWrites,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Optional() @Inject(RESOLVE_TXT) resolveTxt?: ResolveTxt,
  ) {
    this.#resolveTxt = resolveTxt;
  }

  @Get(':id/domains')
  @RequireScopes('audit:read')
  @ApiOperation({ summary: 'Domains of a connection, and the TXT record that shows each to be its own' })
  @ApiOkResponse({ type: ConnectionDomainListDto })
  async list(@Param() { id }: CatalogParams, @CurrentCaller() caller: Caller): Promise<ConnectionDomainListDto> {
    const state = await this.writes.present(id, caller);
    const owned = new Set(ownedDomains(state));
    const { domains = [], domainOwnership: ownership = 'dns' } = state.settings ?? {};
    return {
      items: domains.map((domain) => {
        const { recordName, recordValue } = domainChallengeOf(this.keyring, state.tenant, domain);
        return { domain, owned: owned.has(domain), ownership, recordName, recordValue };
      }),
    };
  }

  @Post(':id/domains/:domain/prove')
  @HttpCode(200)
  @RequireScopes('connections:write')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Look for the record of a domain now' })
  @ApiOkResponse({ type: DomainProofDto })
  async prove(
    @Param() { id, domain }: DomainParams,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<DomainProofDto> {
    const state = await this.writes.present(id, caller);
    const { tenant } = state;
    const metadata = this.requests.metadata(caller, request, { id, domain }, tenant);
    const challenge = domainChallengeOf(this.keyring, tenant, domain);
    if (!state.settings?.domains.includes(challenge.domain)) throw new DomainNotNamedError(id);
    const { result, reason } = await proveDomain(challenge.domain, challenge.recordValue, this.#resolveTxt);
    if (result !== 'proven') return { domain: challenge.domain, result, reason, positionToken: null };
    const data = { domain: challenge.domain, recordName: challenge.recordName };
    const stream = streamName({ category: 'connection', tenant, id });
    const command = { type: 'ProveDomain', data, metadata } as const;
    const { storePosition } = await decideAndAppend(this.path, stream, connectionDecider, command);
    return { domain: challenge.domain, result, reason, positionToken: encodePositionToken(storePosition) };
  }
}
