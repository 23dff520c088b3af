import { Body, Controller, Get, HttpCode, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ReceivedLogout, SamlMessage } from '#libs/federation';
import { AcceptsForm, ErrorsAsPages, Pages, type PlatformRequest, Public } from '#libs/platform';
import { handoverPage } from '../handover/handover.page.js';
import { UnreadableAnswerFilter } from '../sign-in/unreadable-answer.filter.js';
import { signedOutPage } from './logout.pages.js';
import { PendingSignOuts } from './pending-sign-outs.js';
import { SamlLogouts } from './saml-logouts.js';

/** Single logout: takes what identity providers ask for, and what they answer, by an address or by a form. */
@Controller('saml/:connection/slo')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
@UseFilters(UnreadableAnswerFilter)
export class SamlLogoutController {
  constructor(
    private readonly pages: Pages,
    private readonly logouts: SamlLogouts,
    private readonly pending: PendingSignOuts,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Single logout by an address (HTTP-Redirect binding): requests and answers, always signed' })
  byAddress(@Param('connection') id: string, @Req() request: PlatformRequest, @Res() response: Response) {
    // as it was received: the signature covers how it was written
    const [, query = ''] = /\?([^#]*)/.exec(request.originalUrl) ?? [];
    return this.#take(request, response, id, { binding: 'redirect', query });
  }

  @Post()
  @HttpCode(200)
  @AcceptsForm()
  @ApiOperation({ summary: 'Single logout by a form (HTTP-POST binding): requests and answers, always signed' })
  byForm(
    @Param('connection') id: string,
    @Body() form: Record<string, unknown> | undefined,
    @Req() request: PlatformRequest,
    @Res() response: Response,
  ) {
    return this.#take(request, response, id, { binding: 'post', fields: fieldsOf(form ?? {}) });
  }

  async #take(request: PlatformRequest, response: Response, id: string, received: ReceivedLogout): Promise<void> {
    const step = await this.logouts.handle(request, id, received);
    if (step.kind === 'answer') return this.#answer(response, step.message);
    if (step.everywhere) return response.redirect(303, `/logout?state=${this.pending.of(request)}`);
    this.pending.end(response);
    this.pages.send(response, { title: 'Sign out', width: 'narrow', body: signedOutPage('unsure') });
  }

  #answer(response: Response, message: SamlMessage): void {
    if (message.binding === 'redirect') {
      response.redirect(303, message.url);
      return;
    }
    const body = (nonce: string) => handoverPage(message, nonce, 'Sign out');
    this.pages.send(response, { title: 'Sign out', width: 'narrow', formActions: [message.url], body });
  }
}

const FIELDS = ['SAMLRequest', 'SAMLResponse', 'RelayState'] as const;

function fieldsOf(form: Record<string, unknown>): { [field in (typeof FIELDS)[number]]?: string } {
  return Object.fromEntries(FIELDS.flatMap((name) => (typeof form[name] === 'string' ? [[name, form[name]]] : [])));
}
