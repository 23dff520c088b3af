import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Catalog } from '#libs/catalog';
import { PolicyNotFoundError } from '#libs/domain';
import {
  CATALOG,
  type Caller,
  CLOCK,
  type Clock,
  CurrentCaller,
  makeCursor,
  PAGE_MAX,
  RequireScopes,
  readCursor,
  WriteRequests,
} from '#libs/platform';
import { findFindings } from '#libs/read-model';
import { ReadingPlace } from '../people/reading-place.js';
import { ListQuery, PolicyParams } from '../questions.dto.js';
import { FindingActions } from './finding-actions.js';
import { toFinding } from './finding-resource.js';
import { type NextRunDto, ViolationListDto } from './findings.dto.js';
import { watchOf } from './watches.js';

const LIST = 'violations.1';

/** What stands against a policy now, and on whom it would act next. */
@Controller('api/v1/policies')
@ApiTags('policies')
@RequireScopes('audit:read')
export class PolicyViolationsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly readModel: ReadingPlace,
    private readonly actions: FindingActions,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':id/violations')
  @ApiOperation({ summary: 'Findings of a policy that are not resolved, and a dry run of what it does about them' })
  @ApiOkResponse({ type: ViolationListDto })
  async list(
    @Param() { id }: PolicyParams,
    @Query() query: ListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<ViolationListDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const [after] = query.cursor ? readCursor(LIST, ['integer'], query.cursor) : [undefined];
    const position = await this.readModel.reached(query.minPosition);
    const now = this.clock.now().toISOString();
    const nextRun = await this.#nextRun(tenant, id, now, after === undefined);
    const { items, more } = await findFindings(this.readModel.database, {
      tenant,
      policy: id,
      status: ['open', 'accepted'],
      now,
      after,
      through: position,
      limit: query.limit,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.raisedPosition]) : null;
    return { items: items.map(toFinding), nextCursor, position, nextRun };
  }

  /** @param isFirst whether it is the first page: the others do not tell it again @throws {PolicyNotFoundError} */
  async #nextRun(tenant: string, id: string, now: string, isFirst: boolean): Promise<NextRunDto | null> {
    const policy = (await this.catalog.current()).policy(tenant, id);
    if (policy?.status !== 'present') throw new PolicyNotFoundError();
    if (!isFirst) return null;
    const [watch] = watchOf(policy);
    if (!watch || watch.action === 'finding') return { action: 'finding', maxPerRun: 0, accounts: [], waiting: 0 };
    const run = await this.actions.nextRun(watch, now);
    const accounts = [...new Set(run.now.map(({ account }) => account))].slice(0, PAGE_MAX);
    return { action: watch.action, maxPerRun: watch.maxPerRun, accounts, waiting: run.waiting };
  }
}
