import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Caller,
  CurrentCaller,
  makeCursor,
  NotFoundError,
  RequireScopes,
  readCursor,
  WriteRequests,
} from '#libs/platform';
import { findReviewItem, findReviewItems, type ReviewItemRecord } from '#libs/read-model';
import { mayReadReviews, readableReviewer } from '../people/reader-rights.js';
import { ReadingPlace } from '../people/reading-place.js';
import { OneQuery, UuidParams } from '../questions.dto.js';
import { toReviewItem } from './review-item-resource.js';
import { ReviewItemDto, ReviewItemListDto, ReviewItemQuery } from './review-items.dto.js';

const LIST = 'review-items.1';

/** What reviewers are asked. Everybody sees what they are asked themselves; other people's lists need a right. */
@Controller('api/v1/review-items')
@ApiTags('reviews')
@RequireScopes()
export class ReviewItemsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly readModel: ReadingPlace,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Review items, in the order in which they were opened' })
  @ApiOkResponse({ type: ReviewItemListDto })
  async list(@Query() query: ReviewItemQuery, @CurrentCaller() caller: Caller): Promise<ReviewItemListDto> {
    const { limit, cursor, minPosition, status, account, review } = query;
    const tenant = await this.requests.tenant(caller, query.tenant);
    const reviewer = readableReviewer(caller, query.reviewer);
    const [after] = cursor ? readCursor(LIST, ['integer'], cursor) : [undefined];
    const position = await this.readModel.reached(minPosition);
    const { items, more } = await findReviewItems(this.readModel.database, {
      tenant,
      reviewer,
      account,
      review,
      after,
      limit,
      status: status && [status],
      through: position,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.openedPosition]) : null;
    return { items: items.map(toReviewItem), nextCursor, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One review item' })
  @ApiOkResponse({ type: ReviewItemDto })
  async read(
    @Param() { id }: UuidParams,
    @Query() query: OneQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<ReviewItemDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    await this.readModel.reached(query.minPosition);
    const row = await findReviewItem(this.readModel.database, { tenant, item: id });
    if (!row || !(mayReadReviews(caller) || isAsked(row, caller))) throw new NotFoundError('review item');
    return toReviewItem(row);
  }
}

/** Whether a person is asked, or was the one who decided. */
function isAsked({ reviewers, decision }: ReviewItemRecord, { via, actor }: Caller): boolean {
  return via === 'session' && (reviewers.includes(actor.id) || decision?.by === actor.id);
}
