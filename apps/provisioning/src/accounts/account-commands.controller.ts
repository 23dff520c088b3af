import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import type { AccountSource, RolesAssigned } from '#libs/contracts';
import { type AccountCommand, type AccountState, preventiveRulesFrom, RoleNotFoundError } from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import { durationMs } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  CATALOG,
  type Caller,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  RunAccountCommand,
  requireOwnScopes,
  scopesOfRoles,
  WriteRequests,
} from '#libs/platform';
import { AccountCreation } from './account-creation.js';
import { AccountWrittenDto, accountWritten, GrantWrittenDto, tokenOf } from './account-written.dto.js';
import {
  AccountParams,
  EndGrantQuery,
  GrantParams,
  LiftWithholdingQuery,
  NewAccountDto,
  NewGrantDto,
  ReasonDto,
  TenantQuery,
  WithholdingParams,
} from './accounts.dto.js';

type Without<C> = C extends { type: infer Type; data: infer Data } ? { type: Type; data: Data } : never;

/** An administrator, as the source of a change. */
const BY_HAND: AccountSource = {
  kind: 'manual',
  connection: null,
  connectionVersion: null,
  protocol: 'manual',
  issuer: null,
};

/** Administration of accounts. Every write says why, happens once per Idempotency-Key, and answers a token for reading it back. */
@Controller('api/v1/accounts')
@ApiTags('accounts')
@RequireScopes('accounts:write')
export class AccountCommandsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly requests: WriteRequests,
    private readonly creation: AccountCreation,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Make an account before its person ever signs in' })
  @ApiCreatedResponse({ type: AccountWrittenDto })
  async create(
    @Body() body: NewAccountDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountWrittenDto> {
    const tenant = await this.requests.tenant(caller, body.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const outcome = await this.creation.create(body, { caller, metadata });
    return accountWritten(outcome, tenant);
  }

  @Post(':id/grants')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Give a role by hand' })
  @ApiCreatedResponse({ type: GrantWrittenDto })
  async assign(
    @Param() { id }: AccountParams,
    @Query() query: TenantQuery,
    @Body() body: NewGrantDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<GrantWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const catalog = await this.catalog.current();
    const role = catalog.role(tenant, body.role);
    if (role?.status !== 'live' || role.settings === null) throw new RoleNotFoundError();
    requireOwnScopes(caller, scopesOfRoles([body.role]));
    const { maxDuration, application, privileged } = role.settings;
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const data = {
      role: body.role,
      until: body.until ?? null,
      maxDurationMs: maxDuration === null ? null : durationMs(maxDuration),
      overrideWithholding: body.overrideWithholding ?? false,
      sod: preventiveRulesFrom(catalog, { tenant, account: id, now: metadata.now }),
      reason: body.reason,
    };
    const outcome = await this.commands.execute(new RunAccountCommand(id, { type: 'AssignRole', data, metadata }));
    const given = outcome.events.find(({ type }) => type === 'RolesAssigned') as
      | { data: RolesAssigned['data'] }
      | undefined;
    const [grant] = given?.data.grants ?? [];
    if (!grant) throw new TypeError('Assigning a role gave no grant.');
    const { connection, rule, ruleVersion, actor, kind } = grant.source;
    const source = { kind, connection, rule, ruleVersion, actor };
    return {
      id: grant.id,
      account: id,
      role: body.role,
      application,
      privileged,
      source,
      from: grant.effectiveAt,
      to: grant.until,
      positionToken: tokenOf(outcome),
    };
  }

  @Delete(':id/grants/:grant')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'End a grant' })
  @ApiOkResponse({ type: AccountWrittenDto })
  async revoke(
    @Param() { id, grant }: GrantParams,
    @Query() query: EndGrantQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountWrittenDto> {
    const withhold = query.withhold === undefined ? null : query.withhold === 'true';
    const command = { type: 'RevokeGrant' as const, data: { grant, withhold, decision: null, reason: query.reason } };
    return this.#write(id, query.tenant, command, query, request, caller);
  }

  @Delete(':id/withholdings/:role')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Lift a withholding: rules may give the role again at the next sign-in' })
  @ApiOkResponse({ type: AccountWrittenDto })
  async lift(
    @Param() { id, role }: WithholdingParams,
    @Query() query: LiftWithholdingQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountWrittenDto> {
    const command = { type: 'LiftWithholding' as const, data: { role, reason: query.reason } };
    return this.#write(id, query.tenant, command, query, request, caller);
  }

  @Post(':id/deactivate')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({
    summary: 'Suspend an account: its sessions end at once, its grants stay recorded and cease to count',
  })
  @ApiOkResponse({ type: AccountWrittenDto })
  async deactivate(
    @Param() { id }: AccountParams,
    @Query() query: TenantQuery,
    @Body() body: ReasonDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountWrittenDto> {
    const command = { type: 'Deactivate' as const, data: { source: BY_HAND, reason: body.reason, occurredAt: null } };
    return this.#write(id, query.tenant, command, body, request, caller);
  }

  @Post(':id/reactivate')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Let a suspended account count again; after a long suspension what it held is revoked' })
  @ApiOkResponse({ type: AccountWrittenDto })
  async reactivate(
    @Param() { id }: AccountParams,
    @Query() query: TenantQuery,
    @Body() body: ReasonDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const settings = (await this.catalog.current()).tenant(tenant)?.settings;
    const restoreWithinMs = durationMs(settings?.reactivation.restoreWithin ?? 'P30D');
    const data = { source: BY_HAND, restoreWithinMs, reason: body.reason, occurredAt: null };
    return accountWritten(await this.#run(id, tenant, { type: 'Reactivate', data }, body, request, caller), tenant);
  }

  async #write(
    id: string,
    requested: string | undefined,
    command: Without<AccountCommand>,
    body: object,
    request: PlatformRequest,
    caller: Caller,
  ): Promise<AccountWrittenDto> {
    const tenant = await this.requests.tenant(caller, requested);
    return accountWritten(await this.#run(id, tenant, command, body, request, caller), tenant);
  }

  #run(
    id: string,
    tenant: string,
    command: Without<AccountCommand>,
    body: object,
    request: PlatformRequest,
    caller: Caller,
  ): Promise<Outcome<AccountState>> {
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return this.commands.execute(new RunAccountCommand(id, { ...command, metadata } as AccountCommand));
  }
}
