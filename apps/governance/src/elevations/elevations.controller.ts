import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ElevationNotFoundError } from '#libs/domain';
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
import { findElevation, findElevations } from '#libs/read-model';
import { ReadingPlace } from '../people/reading-place.js';
import { OneQuery, UuidParams } from '../questions.dto.js';
import { isConcerned, type Onlooker, toElevation } from './elevation-resource.js';
import { ElevationDto, ElevationListDto, ElevationQuery } from './elevations.dto.js';

const LIST = 'elevations.1';

/** Elevations as the read model has them. People see what they take part in; others' with the rights to read them. */
@Controller('api/v1/elevations')
@ApiTags('elevations')
@RequireScopes()
export class ElevationsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly readModel: ReadingPlace,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Elevations, in the order in which they were asked for' })
  @ApiOkResponse({ type: ElevationListDto })
  async list(@Query() query: ElevationQuery, @CurrentCaller() caller: Caller): Promise<ElevationListDto> {
    const { limit, cursor, minPosition, status, account, approver } = query;
    const concerning = mayReadAll(caller) ? undefined : ownAccount(caller);
    if (concerning === null) throw new MissingScopeError(['audit:read']);
    const tenant = await this.requests.tenant(caller, query.tenant);
    const [after] = cursor ? readCursor(LIST, ['integer'], cursor) : [undefined];
    const position = await this.readModel.reached(minPosition);
    const { items, more } = await findElevations(this.readModel.database, {
      tenant,
      account,
      approver,
      concerning,
      after,
      limit,
      status: status && [status],
      through: position,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.requestedPosition]) : null;
    const onlooker = this.#onlooker(caller);
    return { items: items.map((row) => toElevation(row, onlooker)), nextCursor, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One elevation' })
  @ApiOkResponse({ type: ElevationDto })
  async read(
    @Param() { id }: UuidParams,
    @Query() query: OneQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<ElevationDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    await this.readModel.reached(query.minPosition);
    const row = await findElevation(this.readModel.database, { tenant, elevation: id });
    const { kind, id: sender } = caller.actor;
    const own = row !== null && (isConcerned(row, ownAccount(caller)) || row.filedBy === `${kind}:${sender}`);
    if (!row || !(own || mayReadAll(caller))) throw new ElevationNotFoundError();
    return toElevation(row, this.#onlooker(caller));
  }

  #onlooker(caller: Caller): Onlooker {
    return { account: ownAccount(caller), personal: caller.scopes.has('personal:read'), now: this.clock.now() };
  }
}

const ownAccount = ({ via, actor }: Caller): string | null => (via === 'session' ? actor.id : null);

/** Keys read with audit:read alone; people also as reviewers, owners and administrators. */
function mayReadAll({ via, scopes }: Caller): boolean {
  if (scopes.has('audit:read')) return true;
  return via === 'session' && (scopes.has('reviews:decide') || scopes.has('elevations:write'));
}
