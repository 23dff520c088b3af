import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { SetupLinkInvalidError } from '#libs/domain';
import { html } from '#libs/html';
import {
  AcceptsForm,
  ENVIRONMENT,
  type Environment,
  ErrorsAsPages,
  Pages,
  type PlatformRequest,
  Public,
} from '#libs/platform';
import { isSameOrigin } from '../session/same-origin.js';
import { SetupLinks } from './setup-links.js';

/** One-time links for administrators: a page that explains, a button that gives the key. Opening the page uses nothing up. */
@Controller('setup/:token')
@ApiTags('sign-in')
@Public()
@ErrorsAsPages()
export class SetupController {
  constructor(
    private readonly pages: Pages,
    private readonly links: SetupLinks,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  @Get()
  @ApiOperation({ summary: 'One-time set-up or recovery link: what it does' })
  async ask(@Param('token') token: string, @Res() response: Response): Promise<void> {
    const { expiresAt } = await this.links.find(token);
    this.pages.send(response, {
      title: 'Set up',
      width: 'narrow',
      body: html`<h1>Set up Gatebook</h1>
<p class="lead">This link gives you one administrator’s API key for this installation. It works once, until ${expiresAt.slice(0, 16).replace('T', ' ')} UTC.</p>
<form method="post" action="/setup/${token}"><p><button class="wide">Give me the key</button></p></form>
<p class="muted">The key is shown once and lasts 24 hours. With it you can apply a configuration, make further keys, and name administrators. Its making is recorded.</p>`,
    });
  }

  @Post()
  @HttpCode(200)
  @AcceptsForm()
  @ApiOperation({ summary: 'Use a one-time link up for an administrator’s key' })
  async use(@Param('token') token: string, @Req() request: PlatformRequest, @Res() response: Response): Promise<void> {
    if (!isSameOrigin(request, this.environment.publicUrl)) throw new SetupLinkInvalidError();
    const key = await this.links.use(token, request.id);
    this.pages.send(response, {
      title: 'Your key',
      width: 'narrow',
      body: html`<h1>Your administrator’s key</h1>
<p class="notice warn" role="status">Copy it now: it is not shown again.</p>
<p class="card"><code>${key.token}</code></p>
<p>It works until ${key.expiresAt.slice(0, 16).replace('T', ' ')} UTC. Send it as <code>Authorization: Bearer …</code>; the API is described at <a href="/docs">/docs</a>.</p>`,
    });
  }
}
