import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { Catalog } from '#libs/catalog';
import { encodePositionToken } from '#libs/event-store';
import { durationMs } from '#libs/kernel';
import {
  AcceptsForm,
  CATALOG,
  type Caller,
  CurrentCaller,
  InvalidRequestError,
  Pages,
  type PlatformRequest,
  personalNav,
} from '#libs/platform';
import { type Asking, type ElevationOutcome, Elevations } from '../elevations/elevations.js';
import type { ActingPerson } from '../people/acting-as.js';
import { UuidParams } from '../questions.dto.js';
import { approvalsPage, type RequestEntered, type RoleOffered } from './approvals.page.js';
import { ChangeViews } from './change-views.js';
import { changesSection } from './changes.page.js';
import { ElevationViews } from './elevation-views.js';
import { PageForms } from './page-forms.js';
import { AnswerForm, ApprovalsQuery, RequestForm } from './pages.dto.js';
import { reasonOf } from './reason-text.js';
import { type Refusal, refusalOf } from './refusal.js';
import { roleShown } from './review-views.js';
import { personSignedIn, SignedInPages } from './signed-in-pages.js';

const LIST = 'approvals-page.1';
const MINUTE_MS = 60_000;

/** What was just done, by the word in the address. */
const DONE: Readonly<Record<string, string>> = {
  asked: 'Your request was recorded. Whoever may approve of it is told.',
  began: 'You have the role now; it ends by itself.',
  approve: 'Your approval was recorded.',
  refuse: 'The request was refused.',
  withdraw: 'Your request was taken back.',
  end: 'The role has ended.',
  'change-approve': 'Your approval was recorded.',
  'change-refuse': 'The change was refused or taken back.',
};

type Refused = Refusal & { readonly entered: RequestEntered };

interface At {
  readonly request: PlatformRequest;
  readonly caller: Caller;
  readonly response: Response;
}

/** Roles for a time: asking for them, and answering those who ask. */
@Controller('approvals')
@SignedInPages()
export class ApprovalsController {
  constructor(
    private readonly pages: Pages,
    private readonly forms: PageForms,
    private readonly views: ElevationViews,
    private readonly elevations: Elevations,
    private readonly changes: ChangeViews,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  @Get()
  async show(
    @Query() { done = '', at }: ApprovalsQuery,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    await this.#page({ request, caller, response }, { at, done: (Object.hasOwn(DONE, done) && DONE[done]) || null });
  }

  @Post('elevations')
  @HttpCode(200)
  @AcceptsForm()
  async ask(
    @Body() form: RequestForm,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const { role, minutes, reason, breakGlass } = form;
    try {
      const { account } = personSignedIn(caller);
      const asked = {
        account,
        role,
        reason: neededReason(reason),
        durationMs: lasting(minutes),
        breakGlass: breakGlass === 'true',
      };
      const outcome = await this.elevations.request(asked, this.#asking(form, asked, request, caller));
      response.redirect(303, whereNext(outcome.status === 'active' ? 'began' : 'asked', outcome));
    } catch (error) {
      const refused = { ...refusalOf(error), entered: { answering: null, role, minutes, reason } };
      await this.#page({ request, caller, response }, { refused });
    }
  }

  @Post('elevations/:id')
  @HttpCode(200)
  @AcceptsForm()
  async answer(
    @Param() { id }: UuidParams,
    @Body() form: AnswerForm,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    try {
      const answer = { id, answer: form.answer, reason: neededReason(form.reason) };
      const outcome = await this.#carryOut(answer, this.#asking(form, answer, request, caller));
      response.redirect(303, whereNext(form.answer, outcome));
    } catch (error) {
      const refused = { ...refusalOf(error), entered: { answering: id, role: '', minutes: '', reason: form.reason } };
      await this.#page({ request, caller, response }, { refused });
    }
  }

  #carryOut(
    { id, answer, reason }: { readonly id: string; readonly answer: string; readonly reason: string },
    by: Asking<ActingPerson>,
  ): Promise<ElevationOutcome> {
    switch (answer) {
      case 'approve':
        return this.elevations.approve(id, reason, by);
      case 'refuse':
      case 'withdraw':
        return this.elevations.refuse(id, reason, by);
      case 'end':
        return this.elevations.end(id, reason, by);
      default:
        throw invalid('answer', 'must be approve, refuse, withdraw or end');
    }
  }

  #asking(
    form: AnswerForm | RequestForm,
    entered: object,
    request: PlatformRequest,
    caller: Caller,
  ): Asking<ActingPerson> {
    const { account, tenant } = personSignedIn(caller);
    const metadata = this.forms.metadata({ caller, request, tenant }, form.once, entered);
    // a page does what its person may do; administering others' elevations is for the API
    return { metadata, acting: { account, via: 'session', apiKey: null }, mayAdminister: false };
  }

  async #page(
    { request, caller, response }: At,
    { at, done = null, refused = null }: { at?: string | undefined; done?: string | null; refused?: Refused | null },
  ): Promise<void> {
    const { account, tenant } = personSignedIn(caller);
    const { waiting, own } = await this.views.of(tenant, account, at);
    const marks = this.forms.marks(request, LIST);
    const offered = await this.#offered(tenant);
    const isAdmin = caller.scopes.has('admin');
    const sections = isAdmin ? [changesSection(await this.changes.waiting(tenant, account, at))] : [];
    const body = approvalsPage({ waiting, own, offered, marks, done, refused, sections });
    this.pages.send(response, {
      title: 'Approvals',
      nav: personalNav,
      home: '/me',
      status: refused?.status ?? 200,
      body,
    });
  }

  async #offered(tenant: string): Promise<RoleOffered[]> {
    const catalog = await this.catalog.current();
    return catalog.policies(tenant).flatMap(({ enabled, settings }) => {
      if (!enabled || settings?.kind !== 'elevation') return [];
      const { maxDuration, breakGlass } = settings;
      return settings.roles
        .filter((role) => catalog.role(tenant, role)?.status === 'live')
        .map((role) => ({
          role: roleShown(catalog, { tenant, role }),
          maxDurationMs: durationMs(maxDuration),
          breakGlass,
        }));
    });
  }
}

const whereNext = (done: string, { storePosition }: ElevationOutcome): string =>
  `/approvals?${new URLSearchParams({ done, at: encodePositionToken(storePosition) })}`;

function neededReason(entered: string): string {
  const reason = reasonOf(entered);
  if (reason === null) throw invalid('reason', 'must say why');
  return reason;
}

function lasting(minutes: string): number {
  if (!/^[1-9]\d{0,4}$/.test(minutes)) throw invalid('minutes', 'must be chosen');
  return Number(minutes) * MINUTE_MS;
}

const invalid = (field: string, problem: string) => new InvalidRequestError([{ field, problem }]);
