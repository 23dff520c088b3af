import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { encodePositionToken } from '#libs/event-store';
import {
  AcceptsForm,
  type Caller,
  CurrentCaller,
  InvalidRequestError,
  makeCursor,
  Pages,
  type PlatformRequest,
  personalNav,
  readCursor,
} from '#libs/platform';
import { findReviewItems } from '#libs/read-model';
import { ReadingPlace } from '../people/reading-place.js';
import { type Answer, type BulkDecided, ItemDecisions } from '../review-items/item-decisions.js';
import { PageForms } from './page-forms.js';
import { BulkForm, ITEMS_SHOWN, ReviewsQuery } from './pages.dto.js';
import { reasonOf } from './reason-text.js';
import { refusalOf } from './refusal.js';
import { ReviewViews } from './review-views.js';
import { type BulkDone, type ReviewsPage, reviewsPage } from './reviews.page.js';
import { personSignedIn, SignedInPages } from './signed-in-pages.js';

const LIST = 'reviews-page.1';

/** What is told above the list. */
type Told = Partial<Pick<ReviewsPage, 'done' | 'refused'>> & { readonly status?: number };

/** Everything that somebody is asked, and answers to several questions at once. */
@Controller('reviews')
@SignedInPages()
export class ReviewsController {
  constructor(
    private readonly pages: Pages,
    private readonly forms: PageForms,
    private readonly views: ReviewViews,
    private readonly decisions: ItemDecisions,
    private readonly readModel: ReadingPlace,
  ) {}

  @Get()
  async list(
    @Query() query: ReviewsQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const decided = /^\d{1,3}$/.test(query.decided ?? '') ? Number(query.decided) : 0;
    await this.#show({ query, request, caller, response }, { done: decided > 0 ? { decided, refused: [] } : null });
  }

  /** What was decided leads back to the list; what could not be is told in it, with everything that was entered. */
  @Post()
  @HttpCode(200)
  @AcceptsForm()
  async decide(
    @Body() form: BulkForm,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const entered = { decision: form.decision, reason: form.reason, items: form.item };
    try {
      const results = await this.#decideAll(form, request, caller);
      const failed = results.filter(({ refused }) => refused !== null);
      if (failed.length === 0) return response.redirect(303, whereNext(results));
      const done = await this.#told(results, caller);
      await this.#show({ query: {}, request, caller, response }, { done, status: 409 });
    } catch (error) {
      const { status, ...refusal } = refusalOf(error);
      await this.#show({ query: {}, request, caller, response }, { refused: { ...refusal, entered }, status });
    }
  }

  async #decideAll(form: BulkForm, request: PlatformRequest, caller: Caller): Promise<BulkDecided[]> {
    const { account, tenant } = personSignedIn(caller);
    const items = [...new Set(form.item)];
    if (items.length === 0) throw invalid('item', 'needs at least one tick');
    const answer = { decision: bulkDecision(form.decision), reason: reasonOf(form.reason), until: null, to: null };
    const metadata = this.forms.metadata({ caller, request, tenant }, form.once, { ...answer, items });
    const tookMs = this.forms.spentMs(request, LIST, form.shown);
    const by = { account, via: 'session', apiKey: null } as const;
    return this.decisions.decideAll(items, answer, { by, tookMs, metadata });
  }

  async #show(
    at: {
      readonly query: ReviewsQuery;
      readonly request: PlatformRequest;
      readonly caller: Caller;
      readonly response: Response;
    },
    { done = null, refused = null, status = 200 }: Told,
  ): Promise<void> {
    const { account, tenant } = personSignedIn(at.caller);
    const [after] = at.query.cursor ? readCursor(LIST, ['integer'], at.query.cursor) : [undefined];
    const through = await this.readModel.reachedSoon(at.query.at);
    const { items, more } = await findReviewItems(this.readModel.database, {
      tenant,
      reviewer: account,
      status: ['open'],
      after,
      through,
      limit: ITEMS_SHOWN,
    });
    const last = more ? items.at(-1) : undefined;
    const nextHref = last ? `/reviews?cursor=${makeCursor(LIST, [last.openedPosition])}` : null;
    const marks = this.forms.marks(at.request, LIST);
    const body = reviewsPage({ items: await this.views.items(tenant, items), nextHref, marks, done, refused });
    this.pages.send(at.response, { title: 'Reviews', nav: personalNav, home: '/me', status, body });
  }

  async #told(results: readonly BulkDecided[], caller: Caller): Promise<BulkDone> {
    const { account, tenant } = personSignedIn(caller);
    const failed = results.flatMap(({ id, refused }) => (refused === null ? [] : [{ id, refused }]));
    const titles = await this.views.titles(
      tenant,
      account,
      failed.map(({ id }) => id),
    );
    return {
      decided: results.length - failed.length,
      refused: failed.map(({ id, refused }) => ({ what: titles.get(id) ?? id, message: refused.message })),
    };
  }
}

const BULK: readonly Answer['decision'][] = ['certify', 'revoke', 'abstain'];

function bulkDecision(entered: string): Answer['decision'] {
  const decision = BULK.find((word) => word === entered);
  if (decision === undefined) throw invalid('decision', 'must be chosen');
  return decision;
}

/** The list as it is after the last decision. */
function whereNext(results: readonly BulkDecided[]): string {
  const last = Math.max(...results.flatMap(({ done }) => (done === null ? [] : [done.storePosition])));
  return `/reviews?${new URLSearchParams({ decided: String(results.length), at: encodePositionToken(last) })}`;
}

const invalid = (field: string, problem: string) => new InvalidRequestError([{ field, problem }]);
