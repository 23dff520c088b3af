import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HeldChanges } from '#libs/configuration';
import { HeldChangeNotFoundError } from '#libs/domain';
import {
  type Caller,
  CurrentCaller,
  MissingScopeError,
  makeCursor,
  RequireScopes,
  readCursor,
  WriteRequests,
} from '#libs/platform';
import { findHeldChange, findHeldChanges, type HeldChangeRecord } from '#libs/read-model';
import { ReadingPlace } from '../people/reading-place.js';
import { OneQuery, UuidParams } from '../questions.dto.js';
import { toChange, toChangeInDetail } from './change-resource.js';
import { ChangeInDetailDto, ChangeListDto, ChangeQuery } from './changes.dto.js';

const LIST = 'changes.1';

/** Changes that wait, or waited, for a second person, and those that should have. */
@Controller('api/v1/changes')
@ApiTags('changes')
@RequireScopes()
export class ChangesController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly readModel: ReadingPlace,
    private readonly changes: HeldChanges,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Changes, in the order in which they were asked for' })
  @ApiOkResponse({ type: ChangeListDto })
  async list(@Query() query: ChangeQuery, @CurrentCaller() caller: Caller): Promise<ChangeListDto> {
    requireReading(caller);
    const { limit, cursor, minPosition, status, area, emergency } = query;
    const tenant = await this.requests.tenant(caller, query.tenant);
    const [after] = cursor ? readCursor(LIST, ['integer'], cursor) : [undefined];
    const position = await this.readModel.reached(minPosition);
    const { items, more } = await findHeldChanges(this.readModel.database, {
      tenant,
      area,
      after,
      limit,
      status: status && [status],
      emergency: emergency && emergency === 'true',
      through: position,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.heldPosition]) : null;
    const personal = caller.scopes.has('personal:read');
    return { items: items.map((row) => toChange(this.#asItStands(row), personal)), nextCursor, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One change, with its difference and what it would take from people' })
  @ApiOkResponse({ type: ChangeInDetailDto })
  async read(
    @Param() { id }: UuidParams,
    @Query() query: OneQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<ChangeInDetailDto> {
    requireReading(caller);
    const tenant = await this.requests.tenant(caller, query.tenant);
    await this.readModel.reached(query.minPosition);
    const row = await findHeldChange(this.readModel.database, { tenant, change: id });
    if (!row) throw new HeldChangeNotFoundError();
    return toChangeInDetail(
      this.#asItStands(row),
      await this.changes.inDetail(tenant, id),
      caller.scopes.has('personal:read'),
    );
  }

  #asItStands(row: HeldChangeRecord): HeldChangeRecord {
    return { ...row, approvalsNeeded: this.changes.approvalsNeeded(row, row.tenant) };
  }
}

/** @throws {MissingScopeError} */
function requireReading({ scopes }: Caller): void {
  if (!scopes.has('audit:read') && !scopes.has('admin')) throw new MissingScopeError(['admin']);
}
