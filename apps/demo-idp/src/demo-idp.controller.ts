import { Body, Controller, Get, HttpCode, Post, Query, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptsForm, Public } from '#libs/platform';
import { encodeSamlResponse } from '#libs/saml-idp';
import { type Fields, readChoice, readOrigin } from './choice.js';
import { IdentityProvider } from './identity-provider.js';
import { aboutPage } from './pages/about.page.js';
import { handoverPage } from './pages/handover.page.js';
import { pickerPage } from './pages/picker.page.js';
import { send } from './pages/send.js';
import { RefusedPage } from './refused.filter.js';

/** The pages of the demo. It keeps no session: every form carries the request that it answers. */
@ApiExcludeController()
@Controller('demo-idp')
@Public()
@UseFilters(RefusedPage)
export class DemoIdpController {
  constructor(private readonly idp: IdentityProvider) {}

  @Get()
  about(@Res() res: Response): void {
    send(res, aboutPage(this.idp.options));
  }

  @Get('metadata')
  metadata(@Res() res: Response): void {
    res.type('application/samlmetadata+xml').send(this.idp.metadata());
  }

  /** Asks who is there: at a service provider's request (HTTP-Redirect), or to start from here (`?serviceProvider=`). */
  @Get('sso')
  ask(@Query() query: Fields, @Res() res: Response): void {
    const origin = readOrigin(query);
    send(res, pickerPage(origin, this.idp.asked(origin)));
  }

  /** Takes the choice, and hands the browser the answer for the service provider (HTTP-POST). */
  @Post('sso')
  @HttpCode(200)
  @AcceptsForm()
  async answer(@Body() body: Fields | undefined, @Res() res: Response): Promise<void> {
    const fields = body ?? {};
    const origin = readOrigin(fields);
    const choice = readChoice(fields);
    const asked = this.idp.asked(origin);
    const xml = await this.idp.answer(asked, choice);
    const { acsUrl } = asked.serviceProvider;
    const { relayState } = origin;
    send(res, handoverPage({ acsUrl, relayState, choice, xml, encoded: encodeSamlResponse(xml) }), [acsUrl]);
  }
}
