import { Body, Controller, HttpCode, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptsForm, type PlatformRequest, Public } from '#libs/platform';
import { BackchannelLogoutFilter } from './backchannel-logout.filter.js';
import { BackchannelLogouts } from './backchannel-logouts.js';

/** Where OpenID providers send logout tokens. */
@Controller('login/:connection/backchannel-logout')
@ApiTags('sign-in')
@Public()
@UseFilters(BackchannelLogoutFilter)
export class BackchannelLogoutController {
  constructor(private readonly logouts: BackchannelLogouts) {}

  @Post()
  @HttpCode(200)
  @AcceptsForm()
  @ApiOperation({ summary: 'Takes a logout token (OpenID Connect Back-Channel Logout 1.0): 200, or 400 with `error`' })
  async take(
    @Param('connection') id: string,
    @Body() form: { readonly logout_token?: unknown } | undefined,
    @Req() request: PlatformRequest,
    @Res() response: Response,
  ): Promise<void> {
    const token = form?.logout_token;
    await this.logouts.take(request, id, typeof token === 'string' ? token : '');
    response.set('Cache-Control', 'no-store').end();
  }
}
