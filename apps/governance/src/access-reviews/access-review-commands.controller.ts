import { Body, Controller, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { encodePositionToken } from '#libs/event-store';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { ActingPeople } from '../people/acting-as.js';
import { Owners } from '../people/owners.js';
import { requireDeciding } from '../people/reader-rights.js';
import { TenantQuery, UuidParams } from '../questions.dto.js';
import { DryRuns } from '../reading/dry-runs.js';
import { AdHocReviews } from '../reviewing/ad-hoc-reviews.js';
import { ClosingReviews } from '../reviewing/closing-reviews.js';
import {
  AccessReviewOpenedDto,
  AccessReviewWrittenDto,
  CloseReviewDto,
  NewAccessReviewDto,
  SignOffDto,
} from './access-reviews.dto.js';
import { type AskedTerms, ReviewTerms } from './review-terms.js';

/** Most people that a dry run names. */
const REVIEWERS_TOLD_MAX = 200;

/** Opening, ending and signing off reviews by hand. */
@Controller('api/v1/access-reviews')
@ApiTags('reviews')
@RequireScopes()
export class AccessReviewCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly people: ActingPeople,
    private readonly owners: Owners,
    private readonly terms: ReviewTerms,
    private readonly opening: AdHocReviews,
    private readonly closing: ClosingReviews,
    private readonly dryRuns: DryRuns,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Open a review, or say what it would ask; its items follow in the background' })
  @ApiCreatedResponse({ type: AccessReviewOpenedDto })
  async open(
    @Query() query: TenantQuery,
    @Body() body: NewAccessReviewDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AccessReviewOpenedDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    await this.owners.require(caller, tenant);
    const asked = await this.terms.of(tenant, body);
    if (body.dryRun) return this.#count(tenant, asked, leavingOf(response));
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { review, storePosition } = await this.opening.open({ tenant, ...asked, reason: body.reason, metadata });
    const positionToken = encodePositionToken(storePosition);
    return {
      id: review,
      dryRun: false,
      complete: null,
      items: null,
      byReviewer: null,
      withoutReviewer: null,
      positionToken,
    };
  }

  @Post(':id/close')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'End a review before its time, or confirm what its silence revokes' })
  @ApiOkResponse({ type: AccessReviewWrittenDto })
  async close(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: CloseReviewDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccessReviewWrittenDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    await this.owners.require(caller, tenant);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { reason, confirm = null } = body;
    return written(id, await this.closing.close({ tenant, review: id, reason, confirm, metadata }));
  }

  @Post(':id/sign-off')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Sign a finished review off, as somebody who decided nothing in it' })
  @ApiOkResponse({ type: AccessReviewWrittenDto })
  async signOff(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: SignOffDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<AccessReviewWrittenDto> {
    requireDeciding(caller);
    const tenant = await this.requests.tenant(caller, query.tenant);
    const by = await this.people.person(caller, tenant, body.actAs);
    const mayOwn = await this.owners.includes(tenant, by.account);
    const metadata = this.requests.metadata(caller, request, body, tenant);
    const { reason } = body;
    return written(id, await this.closing.signOff({ tenant, review: id, by, reason, mayOwn, metadata }));
  }

  async #count(tenant: string, { terms }: AskedTerms, signal: AbortSignal): Promise<AccessReviewOpenedDto> {
    const { items, byReviewer, complete } = await this.dryRuns.run(tenant, signal, (stint) =>
      this.opening.count({ tenant, terms }, stint),
    );
    const loads = [...byReviewer].flatMap(([account, count]) => (account === null ? [] : [{ account, items: count }]));
    loads.sort((a, b) => b.items - a.items || (a.account < b.account ? -1 : 1));
    return {
      id: null,
      dryRun: true,
      complete,
      items,
      byReviewer: loads.slice(0, REVIEWERS_TOLD_MAX),
      withoutReviewer: byReviewer.get(null) ?? 0,
      positionToken: null,
    };
  }
}

/** Aborted when whoever asked has gone. */
function leavingOf(response: Response): AbortSignal {
  const left = new AbortController();
  response.once('close', () => left.abort());
  return left.signal;
}

function written(
  id: string,
  { review, storePosition }: Awaited<ReturnType<ClosingReviews['close']>>,
): AccessReviewWrittenDto {
  return { id, status: review.status, positionToken: encodePositionToken(storePosition) };
}
