import { Body, Controller, Delete, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { type ChangeWaits, isWaiting } from '#libs/configuration';
import type { Database } from '#libs/database';
import { PolicyNotFoundError, type PolicyState } from '#libs/domain';
import { encodePositionToken, type Outcome } from '#libs/event-store';
import {
  ApiChangeHeld,
  ApiIdempotencyKey,
  answerHeld,
  CATALOG,
  type Caller,
  type ChangeHeldDto,
  CurrentCaller,
  DATABASE,
  type PlatformRequest,
  pageById,
  RequireScopes,
  sealedPosition,
  versionOf,
  WriteRequests,
} from '#libs/platform';
import { PolicyParams, TenantQuery } from '../questions.dto.js';
import {
  PolicyConsequencesDto,
  PolicyDto,
  PolicyListQuery,
  PolicyPageDto,
  PolicyRemovalQuery,
  PolicyWrittenDto,
  WantedPolicyDto,
} from './policies.dto.js';
import { PolicyWrites } from './policy-writes.js';
import { shownPolicy } from './shown-policy.js';

const IfMatch = () =>
  ApiHeader({ name: 'If-Match', required: false, description: 'The version that the change is made from' });

type Written = PolicyWrittenDto | ChangeHeldDto;

/** How access is governed: reviewed, kept apart, lent, watched. Where the tenant wants a second person, changes wait. */
@Controller('api/v1/policies')
@ApiTags('policies')
export class PoliciesController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly writes: PolicyWrites,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  @Get()
  @RequireScopes('audit:read')
  @ApiOperation({ summary: 'Policies of a tenant, without removed ones' })
  @ApiOkResponse({ type: PolicyPageDto })
  async list(@Query() query: PolicyListQuery, @CurrentCaller() caller: Caller): Promise<PolicyPageDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const position = await sealedPosition(this.database);
    const all = (await this.catalog.current()).policies(tenant);
    const asked = all.filter(({ settings }) => query.kind === undefined || settings?.kind === query.kind);
    const { items, nextCursor } = pageById('policies.1', asked, query);
    return { items: items.map((state) => shownPolicy(state, caller)), nextCursor, position };
  }

  @Get(':id')
  @RequireScopes('audit:read')
  @ApiOperation({ summary: 'One policy' })
  @ApiOkResponse({ type: PolicyDto })
  async read(
    @Param() { id }: PolicyParams,
    @Query() query: TenantQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<PolicyDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const state = (await this.catalog.current()).policy(tenant, id);
    if (!state) throw new PolicyNotFoundError();
    return shownPolicy(state, caller);
  }

  @Put(':id')
  @RequireScopes('admin')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiExtraModels(PolicyWrittenDto, PolicyConsequencesDto)
  @ApiOperation({ summary: 'Bring a policy into force or change it, or with dryRun see what would follow' })
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(PolicyWrittenDto) }, { $ref: getSchemaPath(PolicyConsequencesDto) }] },
  })
  @ApiChangeHeld()
  async put(
    @Param() { id }: PolicyParams,
    @Query() query: TenantQuery,
    @Body() body: WantedPolicyDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written | PolicyConsequencesDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const ifVersion = versionOf(request);
    if (body.dryRun) {
      const { changes, warnings, remarks, confirm } = await this.writes.weigh({ tenant, id }, body, ifVersion);
      return { changes, warnings, remarks, confirm };
    }
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const asking = { metadata, ifVersion, emergency: body.emergency };
    return written(await this.writes.configure({ tenant, id }, body, asking), { tenant, caller, response });
  }

  @Delete(':id')
  @RequireScopes('admin')
  @ApiIdempotencyKey()
  @IfMatch()
  @ApiOperation({ summary: 'Remove a policy; what it opened stays, and its id can be used again' })
  @ApiOkResponse({ type: PolicyWrittenDto })
  @ApiChangeHeld()
  async remove(
    @Param() { id }: PolicyParams,
    @Query() query: PolicyRemovalQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Written> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const metadata = this.requests.metadata(caller, request, query, tenant);
    const asking = { metadata, ifVersion: versionOf(request), emergency: query.emergency === 'true' };
    return written(await this.writes.remove({ tenant, id }, query, asking), { tenant, caller, response });
  }
}

interface At {
  readonly tenant: string;
  readonly caller: Caller;
  readonly response: Response;
}

function written(outcome: Outcome<PolicyState> | ChangeWaits, { tenant, caller, response }: At): Written {
  if (isWaiting(outcome)) return answerHeld(response, outcome);
  const { state, storePosition } = outcome;
  return { ...shownPolicy({ ...state, tenant }, caller), positionToken: encodePositionToken(storePosition) };
}
