import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Caller,
  CurrentCaller,
  MissingScopeError,
  makeCursor,
  NotFoundError,
  RequireScopes,
  readCursor,
  WriteRequests,
} from '#libs/platform';
import { findAccessReview, findAccessReviews } from '#libs/read-model';
import { mayReadReviews } from '../people/reader-rights.js';
import { ReadingPlace } from '../people/reading-place.js';
import { OneQuery, UuidParams } from '../questions.dto.js';
import { toAccessReview } from './access-review-resource.js';
import { AccessReviewDto, AccessReviewListDto, AccessReviewQuery } from './access-reviews.dto.js';

const LIST = 'access-reviews.1';

/** Access reviews as the read model has them. */
@Controller('api/v1/access-reviews')
@ApiTags('reviews')
@RequireScopes()
export class AccessReviewsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly readModel: ReadingPlace,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Access reviews, in the order in which they were opened' })
  @ApiOkResponse({ type: AccessReviewListDto })
  async list(@Query() query: AccessReviewQuery, @CurrentCaller() caller: Caller): Promise<AccessReviewListDto> {
    requireReading(caller);
    const { limit, cursor, minPosition, status, policy } = query;
    const tenant = await this.requests.tenant(caller, query.tenant);
    const [after] = cursor ? readCursor(LIST, ['integer'], cursor) : [undefined];
    const position = await this.readModel.reached(minPosition);
    const { items, more } = await findAccessReviews(this.readModel.database, {
      tenant,
      policy,
      after,
      limit,
      status: status && [status],
      through: position,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.openedPosition]) : null;
    return { items: items.map((row) => toAccessReview(row, caller)), nextCursor, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One access review, with what its items came to so far' })
  @ApiOkResponse({ type: AccessReviewDto })
  async read(
    @Param() { id }: UuidParams,
    @Query() query: OneQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<AccessReviewDto> {
    requireReading(caller);
    const tenant = await this.requests.tenant(caller, query.tenant);
    await this.readModel.reached(query.minPosition);
    const row = await findAccessReview(this.readModel.database, { tenant, review: id });
    if (!row) throw new NotFoundError('access review');
    return toAccessReview(row, caller);
  }
}

function requireReading(caller: Caller): void {
  if (!mayReadReviews(caller)) throw new MissingScopeError(['reviews:decide']);
}
