import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller, NotFoundError, RequireScopes } from '#libs/platform';
import {
  countParkedStreams,
  findAccess,
  findGrant,
  isSubjectOfEvents,
  roleIsKnown,
  toGrantResource,
} from '#libs/read-model';
import { maySeePersonal, ReadModel } from '../reading/read-model.js';
import { AuditReads, accessOf } from '../reports/audit-reads.js';
import { chainOf } from '../why/chain.js';
import { EvidenceFinder } from '../why/evidence-finder.js';
import { WhyNotFinder } from '../why/why-not.finder.js';
import { accessCursor, readAccessCursor } from './access.cursor.js';
import {
  AccessDto,
  AccessQueryDto,
  GrantParams,
  WhyDto,
  WhyNotDto,
  WhyNotQueryDto,
  WhyQueryDto,
} from './access.dto.js';

/** Who holds what, on any day and as known at any time, and why. */
@Controller('api/v1/access')
@ApiTags('audit')
@RequireScopes('audit:read')
export class AccessController {
  constructor(
    private readonly readModel: ReadModel,
    private readonly evidence: EvidenceFinder,
    private readonly whyNots: WhyNotFinder,
    private readonly reads: AuditReads,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who held what at an instant, as known at a position' })
  @ApiOkResponse({ type: AccessDto })
  async list(@Query() query: AccessQueryDto, @CurrentCaller() caller: Caller): Promise<AccessDto> {
    const tenant = await this.readModel.tenant(caller, query.tenant);
    const { asOf, knownAt } = query;
    const cursor = query.cursor === undefined ? null : readAccessCursor(query.cursor, { asOf, knownAt });
    const position = await this.readModel.reached(query.minPosition, cursor?.knownAt ?? knownAt);
    await this.mustExist(tenant, query);
    const at = {
      asOf: cursor?.asOf ?? asOf ?? this.readModel.now(),
      knownAt: cursor?.knownAt ?? knownAt ?? position,
    };
    const { account, role, limit } = query;
    const { database } = this.readModel;
    const page = await findAccess(database, { tenant, account, role, limit, after: cursor?.after, ...at });
    const last = page.more ? page.items.at(-1) : undefined;
    const parked = await countParkedStreams(database, tenant);
    await this.reads.count(caller, accessOf(tenant));
    return {
      items: page.items.map((row) => toGrantResource(row, maySeePersonal(caller))),
      nextCursor: last ? accessCursor(at, last) : null,
      position,
      ...at,
      ...(parked > 0 ? { degraded: true } : {}),
    };
  }

  @Get('why-not')
  @ApiOperation({ summary: 'Why an account does not hold a role: rules that did not match, decisions, its own end' })
  @ApiOkResponse({ type: WhyNotDto })
  async whyNot(@Query() query: WhyNotQueryDto, @CurrentCaller() caller: Caller): Promise<WhyNotDto> {
    const { account, role } = query;
    const tenant = await this.readModel.tenant(caller, query.tenant);
    await this.readModel.reached(query.minPosition);
    const because = await this.whyNots.find(caller, { tenant, account, role });
    await this.reads.count(caller, accessOf(tenant));
    return { account, role, because };
  }

  @Get(':grant/why')
  @ApiOperation({ summary: 'Because of which events an account holds, or held, a role' })
  @ApiOkResponse({ type: WhyDto })
  async why(
    @Param() { grant }: GrantParams,
    @Query() query: WhyQueryDto,
    @CurrentCaller() caller: Caller,
  ): Promise<WhyDto> {
    const tenant =
      caller.tenant === null && query.tenant === undefined ? null : await this.readModel.tenant(caller, query.tenant);
    const position = await this.readModel.reached(query.minPosition);
    const found = await findGrant(this.readModel.database, tenant, grant, position);
    if (!found) throw new NotFoundError('grant');
    const evidence = await this.evidence.find(caller, found, position);
    await this.reads.count(caller, accessOf(found.tenant));
    return { grant: toGrantResource(found, maySeePersonal(caller)), because: chainOf(found, evidence) };
  }

  /** What another tenant has does not exist; nor does what nobody ever had. */
  private async mustExist(tenant: string, { account, role }: AccessQueryDto): Promise<void> {
    const { database } = this.readModel;
    if (account !== undefined && !(await isSubjectOfEvents(database, tenant, account)))
      throw new NotFoundError('account');
    if (role !== undefined && !(await roleIsKnown(database, tenant, role))) throw new NotFoundError('role');
  }
}
