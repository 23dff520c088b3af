import { Body, Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { encodePositionToken } from '#libs/event-store';
import {
  ApiIdempotencyKey,
  type Caller,
  CLOCK,
  type Clock,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { spentSinceMs } from '../pages/shown-at.js';
import { ActingPeople } from '../people/acting-as.js';
import { requireDeciding } from '../people/reader-rights.js';
import { TenantQuery, UuidParams } from '../questions.dto.js';
import { type Answer, type Answering, type BulkDecided, ItemDecisions } from './item-decisions.js';
import {
  BulkDecidedDto,
  BulkDecisionDto,
  type BulkResultDto,
  ItemDecidedDto,
  ReviewDecisionDto,
} from './review-items.dto.js';

/** Answers of reviewers: by whoever is signed in, or by a key in the name of somebody. Only those who are asked can decide. */
@Controller('api/v1/review-items')
@ApiTags('reviews')
@RequireScopes()
export class ItemDecisionsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly people: ActingPeople,
    private readonly decisions: ItemDecisions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post('decisions')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Decide several review items at once; what cannot be decided is told for each' })
  @ApiOkResponse({ type: BulkDecidedDto })
  async decideAll(
    @Query() query: TenantQuery,
    @Body() body: BulkDecisionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<BulkDecidedDto> {
    const answering = await this.#answering(query, body, request, caller);
    const results = await this.decisions.decideAll(body.items, answerOf(body), answering);
    const positions = results.flatMap(({ done }) => (done === null ? [] : [done.storePosition]));
    return {
      results: results.map(toResult),
      positionToken: positions.length === 0 ? null : encodePositionToken(Math.max(...positions)),
    };
  }

  @Post(':id/decisions')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Decide one review item, or pass it on; what is revoked has ended when the answer comes' })
  @ApiOkResponse({ type: ItemDecidedDto })
  async decide(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: ReviewDecisionDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ItemDecidedDto> {
    const answering = await this.#answering(query, body, request, caller);
    const { item, storePosition } = await this.decisions.decide(id, answerOf(body), answering, body.stage);
    const { review, status, outcome } = item;
    return { id, review, status, outcome, positionToken: encodePositionToken(storePosition) };
  }

  async #answering(
    query: TenantQuery,
    body: BulkDecisionDto | ReviewDecisionDto,
    request: PlatformRequest,
    caller: Caller,
  ): Promise<Answering> {
    requireDeciding(caller);
    const tenant = await this.requests.tenant(caller, query.tenant);
    const by = await this.people.person(caller, tenant, body.actAs);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    return { by, metadata, tookMs: spentSinceMs(body.shownAt, this.clock.now()) };
  }
}

const answerOf = ({ decision, reason, until, ...body }: BulkDecisionDto | ReviewDecisionDto): Answer => ({
  decision,
  reason: reason ?? null,
  until: until ?? null,
  to: ('to' in body && body.to) || null,
});

function toResult({ id, done, refused }: BulkDecided): BulkResultDto {
  return {
    id,
    status: done?.item.status ?? null,
    outcome: done?.item.outcome ?? null,
    code: refused?.code ?? null,
    detail: refused?.message ?? null,
  };
}
