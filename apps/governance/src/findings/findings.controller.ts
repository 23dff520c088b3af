import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { FindingNotFoundError } from '#libs/domain';
import {
  type Caller,
  CLOCK,
  type Clock,
  CurrentCaller,
  MissingScopeError,
  makeCursor,
  RequireScopes,
  readCursor,
  WriteRequests,
} from '#libs/platform';
import { findFinding, findFindings } from '#libs/read-model';
import { ReadingPlace } from '../people/reading-place.js';
import { OneQuery, UuidParams } from '../questions.dto.js';
import { toFinding } from './finding-resource.js';
import { FindingDto, FindingListDto, FindingListQuery } from './findings.dto.js';

const LIST = 'findings.1';

/** What stands out. Who may read the audit sees everything; a person without that right sees what they answer for. */
@Controller('api/v1/findings')
@ApiTags('findings')
@RequireScopes()
export class FindingsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly readModel: ReadingPlace,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Findings, in the order in which they were last raised' })
  @ApiOkResponse({ type: FindingListDto })
  async list(@Query() query: FindingListQuery, @CurrentCaller() caller: Caller): Promise<FindingListDto> {
    const { limit, cursor, minPosition, tenant: requested, status, ...filter } = query;
    const tenant = await this.requests.tenant(caller, requested);
    const owner = readableOwner(caller, filter.owner);
    const [after] = cursor ? readCursor(LIST, ['integer'], cursor) : [undefined];
    const position = await this.readModel.reached(minPosition);
    const { items, more } = await findFindings(this.readModel.database, {
      ...filter,
      owner,
      tenant,
      status: status && [status],
      now: this.#now(),
      after,
      through: position,
      limit,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.raisedPosition]) : null;
    return { items: items.map(toFinding), nextCursor, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One finding' })
  @ApiOkResponse({ type: FindingDto })
  async read(
    @Param() { id }: UuidParams,
    @Query() query: OneQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<FindingDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    await this.readModel.reached(query.minPosition);
    const row = await findFinding(this.readModel.database, { tenant, finding: id, now: this.#now() });
    const theirs = caller.via === 'session' && row?.owner === caller.actor.id;
    if (!row || !(theirs || caller.scopes.has('audit:read'))) throw new FindingNotFoundError();
    return toFinding(row);
  }

  #now(): string {
    return this.clock.now().toISOString();
  }
}

/** Whose findings a caller may list. @throws {MissingScopeError} */
function readableOwner({ scopes, via, actor }: Caller, asked: string | undefined): string | undefined {
  if (scopes.has('audit:read')) return asked;
  if (via !== 'session' || (asked ?? actor.id) !== actor.id) throw new MissingScopeError(['audit:read']);
  return actor.id;
}
