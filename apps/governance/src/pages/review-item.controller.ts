import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { encodePositionToken } from '#libs/event-store';
import {
  AcceptsForm,
  type Caller,
  CurrentCaller,
  InvalidRequestError,
  NotFoundError,
  Pages,
  type PlatformRequest,
  personalNav,
  readInstant,
} from '#libs/platform';
import { findReviewItem, type ReviewItemRecord } from '#libs/read-model';
import { mayReadReviews } from '../people/reader-rights.js';
import { ReadingPlace } from '../people/reading-place.js';
import { UuidParams } from '../questions.dto.js';
import { Principals } from '../reading/principals.js';
import { type Answer, type Decided, ItemDecisions } from '../review-items/item-decisions.js';
import { PageForms } from './page-forms.js';
import { DecisionForm } from './pages.dto.js';
import { reasonOf } from './reason-text.js';
import { type Refusal, refusalOf } from './refusal.js';
import { reviewItemPage } from './review-item.page.js';
import { isConcernOf, ReviewViews } from './review-views.js';
import { personSignedIn, SignedInPages } from './signed-in-pages.js';

/** One question with everything that is known, and its answer. */
@Controller('reviews/:id')
@SignedInPages()
export class ReviewItemController {
  constructor(
    private readonly pages: Pages,
    private readonly forms: PageForms,
    private readonly views: ReviewViews,
    private readonly decisions: ItemDecisions,
    private readonly principals: Principals,
    private readonly readModel: ReadingPlace,
  ) {}

  @Get()
  async show(
    @Param() { id }: UuidParams,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    await this.#page(await this.#itemFor(caller, id), { request, caller, response }, null);
  }

  @Post()
  @HttpCode(200)
  @AcceptsForm()
  async decide(
    @Param() { id }: UuidParams,
    @Body() form: DecisionForm,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const row = await this.#itemFor(caller, id);
    try {
      const { storePosition } = await this.#decide(id, form, request, caller);
      const query = new URLSearchParams({ decided: '1', at: encodePositionToken(storePosition) });
      response.redirect(303, `/reviews?${query}`);
    } catch (error) {
      await this.#page(row, { request, caller, response }, { ...refusalOf(error), entered: form });
    }
  }

  async #decide(id: string, form: DecisionForm, request: PlatformRequest, caller: Caller): Promise<Decided> {
    const { account, tenant } = personSignedIn(caller);
    const answer = await this.#answerOf(form, tenant);
    const metadata = this.forms.metadata({ caller, request, tenant }, form.once, answer);
    const tookMs = this.forms.spentMs(request, id, form.shown);
    const by = { account, via: 'session', apiKey: null } as const;
    return this.decisions.decide(id, answer, { by, tookMs, metadata }, stageOf(form));
  }

  async #answerOf({ decision: chosen, reason, until, to }: DecisionForm, tenant: string): Promise<Answer> {
    const decision = DECISIONS.find((word) => word === chosen);
    if (decision === undefined) throw invalid('decision', 'must be chosen');
    return {
      decision,
      reason: reasonOf(reason),
      until: until === '' ? null : dayOf(until),
      to: to.trim() === '' ? null : await this.#personNamed(to.trim(), tenant),
    };
  }

  async #personNamed(name: string, tenant: string): Promise<string> {
    const account = await this.principals.find(tenant, name);
    if (account === null)
      throw invalid(
        'to',
        'leads to nobody who could be asked: give the user name or the verified e-mail address of an active account',
      );
    return account;
  }

  /** Whoever is or was asked sees the page; so does who may read reviews and what people are called. Nobody else learns that it exists. */
  async #itemFor(caller: Caller, item: string): Promise<ReviewItemRecord> {
    const { account, tenant } = personSignedIn(caller);
    const row = await findReviewItem(this.readModel.database, { tenant, item });
    const mayLook = mayReadReviews(caller) && caller.scopes.has('personal:read');
    if (row === null || !(mayLook || isConcernOf(row, account))) throw new NotFoundError('review item');
    return row;
  }

  async #page(
    row: ReviewItemRecord,
    { request, caller, response }: { request: PlatformRequest; caller: Caller; response: Response },
    refused: (Refusal & { readonly entered: DecisionForm }) | null,
  ): Promise<void> {
    const { account, tenant } = personSignedIn(caller);
    const [item] = await this.views.items(tenant, [row]);
    if (!item) throw new NotFoundError('review item');
    const marks = row.reviewers.includes(account) ? this.forms.marks(request, row.item) : null;
    const body = reviewItemPage({ item, details: await this.views.details(row), marks, refused });
    this.pages.send(response, { title: 'Review', nav: personalNav, home: '/me', status: refused?.status ?? 200, body });
  }
}

const DECISIONS = ['certify', 'revoke', 'reduce', 'abstain', 'reassign', 'delegate'] as const;

function stageOf({ stage }: DecisionForm): number {
  if (!/^\d$/.test(stage)) throw invalid('stage', 'must be a digit');
  return Number(stage);
}

/** The beginning of a day, UTC. */
function dayOf(entered: string): string {
  const instant = readInstant(`${entered}T00:00:00Z`);
  if (instant === null) throw invalid('until', 'must be a day such as 2026-12-31');
  return instant;
}

const invalid = (field: string, problem: string) => new InvalidRequestError([{ field, problem }]);
