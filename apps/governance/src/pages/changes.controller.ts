import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { HeldChangeNotFoundError } from '#libs/domain';
import { encodePositionToken } from '#libs/event-store';
import {
  AcceptsForm,
  type Caller,
  CurrentCaller,
  InvalidRequestError,
  MissingScopeError,
  Pages,
  type PlatformRequest,
  personalNav,
} from '#libs/platform';
import { AnsweringChanges } from '../changes/answering-changes.js';
import { UuidParams } from '../questions.dto.js';
import { ChangeViews } from './change-views.js';
import { changePage } from './changes.page.js';
import { PageForms } from './page-forms.js';
import { ChangeForm } from './pages.dto.js';
import { reasonOf } from './reason-text.js';
import { type Refusal, refusalOf } from './refusal.js';
import { personSignedIn, SignedInPages } from './signed-in-pages.js';

interface At {
  readonly request: PlatformRequest;
  readonly caller: Caller;
  readonly response: Response;
}

type Refused = Refusal & { readonly entered: string };

/** One change that waits for a second person, and the answer. For administrators. */
@Controller('approvals/changes/:id')
@SignedInPages()
export class ChangePagesController {
  constructor(
    private readonly pages: Pages,
    private readonly forms: PageForms,
    private readonly views: ChangeViews,
    private readonly answering: AnsweringChanges,
  ) {}

  @Get()
  async show(
    @Param() { id }: UuidParams,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    administrator(caller);
    await this.#page(id, { request, caller, response }, null);
  }

  @Post()
  @HttpCode(200)
  @AcceptsForm()
  async answer(
    @Param() { id }: UuidParams,
    @Body() form: ChangeForm,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
    @Res() response: Response,
  ): Promise<void> {
    const { account, tenant } = administrator(caller);
    try {
      const reason = reasonOf(form.reason);
      if (reason === null) throw invalid('reason', 'must say why');
      const { answer, confirm } = form;
      const metadata = this.forms.metadata({ caller, request, tenant }, form.once, { id, answer, confirm, reason });
      const asking = { metadata, acting: { account, via: 'session', apiKey: null } } as const;
      const { storePosition } = await this.#carryOut(id, { answer, confirm, reason }, asking);
      const query = new URLSearchParams({ done: `change-${answer}`, at: encodePositionToken(storePosition) });
      response.redirect(303, `/approvals?${query}`);
    } catch (error) {
      await this.#page(id, { request, caller, response }, { ...refusalOf(error), entered: form.reason });
    }
  }

  #carryOut(
    id: string,
    { answer, confirm, reason }: { readonly answer: string; readonly confirm: string; readonly reason: string },
    asking: Parameters<AnsweringChanges['refuse']>[2],
  ) {
    switch (answer) {
      case 'approve':
        return this.answering.approve(id, { reason, confirm: confirm === '' ? undefined : confirm }, asking);
      case 'refuse':
        return this.answering.refuse(id, reason, asking);
      default:
        throw invalid('answer', 'must be approve or refuse');
    }
  }

  async #page(id: string, { request, caller, response }: At, refused: Refused | null): Promise<void> {
    const { account, tenant } = personSignedIn(caller);
    const change = await this.views.inFull(tenant, id, account);
    if (change === null) throw new HeldChangeNotFoundError();
    const body = changePage({ change, marks: this.forms.marks(request, id), refused });
    const status = refused?.status ?? 200;
    this.pages.send(response, { title: 'Change', nav: personalNav, home: '/me', status, body });
  }
}

/** @throws {SessionRequiredError | MissingScopeError} */
function administrator(caller: Caller): { readonly account: string; readonly tenant: string } {
  const person = personSignedIn(caller);
  if (!caller.scopes.has('admin')) throw new MissingScopeError(['admin']);
  return person;
}

const invalid = (field: string, problem: string) => new InvalidRequestError([{ field, problem }]);
