import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import type { Database } from '#libs/database';
import {
  CATALOG,
  type Caller,
  CurrentCaller,
  DATABASE,
  NotFoundError,
  pageById,
  RequireScopes,
  sealedPosition,
  WriteRequests,
} from '#libs/platform';
import { CatalogParams, CatalogQuery, OneOfTenantQuery, RoleDto, RolePageDto } from './catalog.dto.js';
import { shownRole } from './shown-role.js';

/** The catalogue of roles as it stands in the store: never behind a write, so `minPosition` always holds. */
@Controller('api/v1/roles')
@ApiTags('roles')
@RequireScopes('audit:read')
export class RolesController {
  constructor(
    private readonly requests: WriteRequests,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Roles of a tenant, retired ones included' })
  @ApiOkResponse({ type: RolePageDto })
  async list(@Query() query: CatalogQuery, @CurrentCaller() caller: Caller): Promise<RolePageDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const position = await sealedPosition(this.database);
    const all = (await this.catalog.current()).roles(tenant);
    const { items, nextCursor } = pageById('roles.1', all, query);
    return { items: items.map((role) => shownRole(role, caller)), nextCursor, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A role' })
  @ApiOkResponse({ type: RoleDto })
  async read(
    @Param() { id }: CatalogParams,
    @Query() query: OneOfTenantQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<RoleDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const role = (await this.catalog.current()).role(tenant, id);
    if (!role) throw new NotFoundError('role');
    return shownRole(role, caller);
  }
}
