import { Body, Controller, Get, HttpCode, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptsForm, ErrorsAsPages, type PlatformRequest, Public } from '#libs/platform';
import { AnswerRefusals } from '../sign-in/answer-refusals.js';
import { BrowserSignIns } from '../sign-in/browser-sign-ins.js';
import { UnreadableAnswerFilter } from '../sign-in/unreadable-answer.filter.js';
import { CodeAnswers } from './code-answers.js';

/** What an answer may consist of (RFC 6749, section 4.1.2; RFC 9207); anything else is left behind. */
const PARAMETERS = ['code', 'state', 'iss', 'error'] as const;

/** Longest parameter of an answer, in characters. */
const PARAMETER_LENGTH_MAX = 4_096;

/** Where OpenID Connect and OAuth 2.0 providers send people back to. */
@Controller('login/:connection/callback')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
@UseFilters(UnreadableAnswerFilter)
export class CallbackController {
  constructor(
    private readonly answers: CodeAnswers,
    private readonly signIns: BrowserSignIns,
    private readonly refusals: AnswerRefusals,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'Takes the answer of an OpenID Connect or OAuth 2.0 provider; 303 on success, else a page that bears the code',
  })
  async consume(
    @Param('connection') id: string,
    @Req() request: PlatformRequest,
    @Res() response: Response,
  ): Promise<void> {
    const brought = await this.refusals.recording(request, () => this.answers.read(request, response, id));
    await this.signIns.finish(request, response, brought);
  }

  /**
   * For providers that post their answer (OAuth 2.0 Form Post Response Mode). A post from another site comes without the browser's cookies, so
   * the same answer is asked for once more by an address of our own; its code is of no use without the browser's cookie.
   */
  @Post()
  @HttpCode(303)
  @AcceptsForm()
  @ApiOperation({ summary: 'The same for providers that post their answer: leads on to the GET' })
  repost(@Param('connection') id: string, @Body() form: Record<string, unknown>, @Res() response: Response): void {
    const query = new URLSearchParams();
    for (const name of PARAMETERS) {
      const value = form?.[name];
      if (typeof value === 'string' && value.length <= PARAMETER_LENGTH_MAX) query.set(name, value);
    }
    response.redirect(303, `/login/${encodeURIComponent(id)}/callback?${query}`);
  }
}
