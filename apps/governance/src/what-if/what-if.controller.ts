import { Body, Controller, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type Caller, CurrentCaller, MissingScopeError, RequireScopes, WriteRequests } from '#libs/platform';
import { WhatIfDto, WhatIfQuery, WhatIfResultDto } from './what-if.dto.js';
import { WhatIf } from './what-if.js';

/** Policies and mappings before they are in force. */
@Controller('api/v1/policies')
@ApiTags('policies')
@RequireScopes('admin')
export class WhatIfController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly whatIf: WhatIf,
  ) {}

  @Post('what-if')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'What a policy or other rules of a connection would do to today’s people and the last sign-ins; changes nothing. Connections and conformance need personal:read too',
  })
  @ApiOkResponse({ type: WhatIfResultDto })
  async ask(
    @Query() query: WhatIfQuery,
    @Body() body: WhatIfDto,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WhatIfResultDto> {
    const personal = caller.scopes.has('personal:read');
    if (asksAboutAttributes(body) && !personal) throw new MissingScopeError(['personal:read']);
    const tenant = await this.requests.tenant(caller, query.tenant);
    const left = new AbortController();
    response.once('close', () => left.abort());
    return this.whatIf.of(body, { tenant, personal, minPosition: query.minPosition, signal: left.signal });
  }
}

/** Whom a condition on attributes fits, or how many, tells the attributes: that of a rule, and what conformance requires. */
const asksAboutAttributes = ({ connection, policy }: WhatIfDto): boolean =>
  connection !== undefined || policy?.settings['kind'] === 'conformance';
