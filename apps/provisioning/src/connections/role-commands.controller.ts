import { Body, Controller, Delete, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import { SingleChanges } from '#libs/configuration';
import type { RoleSettings } from '#libs/contracts';
import { ManagedByConfigError, type RoleCommand, RoleNotFoundError, type RoleState, roleDecider } from '#libs/domain';
import { decideAndAppend, encodePositionToken } from '#libs/event-store';
import { type CommandMetadata, DomainError, streamName } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  CATALOG,
  type Caller,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import { wasCarriedOut } from '../accounts/earlier-commands.js';
import { WriteRequests } from '../accounts/write-request.js';
import { CatalogParams, OneOfTenantQuery } from '../catalog/catalog.dto.js';
import { shownRole } from '../catalog/shown-role.js';
import { RoleRemovalQuery } from './connections.dto.js';
import { ChangedRoleDto, NewRoleDto, RoleWrittenDto } from './roles.dto.js';

/** The catalogue has a live role of this id. */
export class RoleExistsError extends DomainError {
  readonly code = 'role-exists';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`There is a role ${id} already. Change it with PATCH, or choose another id.`);
  }
}

/** Roles of Gatebook's own application belong to it. */
export class BuiltInRoleError extends DomainError {
  readonly code = 'role-built-in';
  readonly kind = 'conflict';
  constructor() {
    super('Roles that begin with gatebook. are built in: they can be granted, and not changed.');
  }
}

const stateIn = (state: RoleState | undefined): RoleState => state ?? roleDecider.initialState;

/** Roles that are looked after through the API. */
@Controller('api/v1/roles')
@ApiTags('roles')
@RequireScopes('connections:write')
export class RoleCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly changes: SingleChanges,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Put a role into the catalogue; a retired one of this id is defined again' })
  @ApiCreatedResponse({ type: RoleWrittenDto })
  async create(
    @Body() body: NewRoleDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<RoleWrittenDto> {
    const tenant = await this.requests.tenant(caller, body.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { id, application, name, privileged = false, risk = 'low', maxDuration = null } = body;
    const settings: RoleSettings = { application, name, privileged, risk, maxDuration };
    const data = { role: id, settings, owner: body.owner ?? null, managedBy: 'api', reason: body.reason } as const;
    const decide: typeof roleDecider.decide = (command, state) => {
      if (state.status === 'live') throw new RoleExistsError(id);
      return roleDecider.decide(command, state);
    };
    return this.#write(id, { type: 'DefineRole', data, metadata }, { ...roleDecider, decide }, caller);
  }

  @Patch(':id')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Change a role' })
  @ApiOkResponse({ type: RoleWrittenDto })
  async change(
    @Param() { id }: CatalogParams,
    @Query() query: OneOfTenantQuery,
    @Body() body: ChangedRoleDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<RoleWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { detach = false, reason, owner, ...said } = body;
    const data = { role: id, managedBy: 'api', reason } as const;
    const decide: typeof roleDecider.decide = (command, state) => {
      if (state.status !== 'live' || state.settings === null) throw new RoleNotFoundError();
      if (state.managedBy === 'config' && !detach) throw new ManagedByConfigError(`The role ${id}`);
      const settings = { ...state.settings, ...defined(said) };
      const changed = { ...data, settings, owner: owner === undefined ? state.owner : owner };
      // what is detached is decided as if it were ours already
      const ours = { ...state, managedBy: 'api' as const };
      const isOtherwise = state.managedBy === 'config';
      const events = roleDecider.decide({ type: 'DefineRole', data: changed, metadata: command.metadata }, ours);
      return events.length === 0 && isOtherwise ? [{ type: 'RoleChanged', data: changed }] : events;
    };
    const unchanged = { ...data, settings: null as never, owner: null };
    return this.#write(id, { type: 'DefineRole', data: unchanged, metadata }, { ...roleDecider, decide }, caller);
  }

  @Delete(':id')
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Retire a role: every grant of it ends' })
  @ApiOkResponse({ type: RoleWrittenDto })
  async retire(
    @Param() { id }: CatalogParams,
    @Query() query: RoleRemovalQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<RoleWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, query, tenant);
    const command = { type: 'RetireRole', data: { managedBy: 'api', reason: query.reason } } as const;
    const stream = streamName({ category: 'role', tenant, id });
    if (!(await wasCarriedOut(this.path, stream, metadata.commandId))) {
      const state = stateIn((await this.catalog.current()).role(tenant, id));
      roleDecider.decide({ ...command, metadata }, state); // refuses what cannot be done, before anybody confirms it
      const weighed = { type: command.type, data: { managedBy: 'api', reason: null } } as const;
      const change = { action: 'remove', kind: 'role', tenant, id, changed: [], command: weighed } as const;
      this.changes.requireConfirmed(await this.changes.consequences(change), query.confirm);
    }
    return this.#write(id, { ...command, metadata }, roleDecider, caller);
  }

  async #write(
    id: string,
    command: RoleCommand & { readonly metadata: CommandMetadata },
    decider: typeof roleDecider,
    caller: Caller,
  ): Promise<RoleWrittenDto> {
    if (id.startsWith('gatebook.')) throw new BuiltInRoleError();
    const { tenant } = command.metadata;
    const stream = streamName({ category: 'role', tenant, id });
    const { state, storePosition } = await decideAndAppend(this.path, stream, decider, command);
    return { ...shownRole({ ...state, tenant }, caller), positionToken: encodePositionToken(storePosition) };
  }
}

const defined = (said: Partial<RoleSettings>): Partial<RoleSettings> =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
