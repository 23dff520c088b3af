import { Body, Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AnsweredChange } from '#libs/configuration';
import { encodePositionToken } from '#libs/event-store';
import {
  ApiIdempotencyKey,
  type Caller,
  CurrentCaller,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { ActingPeople } from '../people/acting-as.js';
import { TenantQuery, UuidParams } from '../questions.dto.js';
import { AnsweringChanges, type AskingAboutChange } from './answering-changes.js';
import { ApproveChangeDto, ChangeAnsweredDto, RefuseChangeDto } from './changes.dto.js';

interface Told {
  readonly caller: Caller;
  readonly request: PlatformRequest;
  readonly query: TenantQuery;
  readonly body: { readonly actAs?: string | undefined };
}

/** The second person's answer. Never of whoever asked, nor through the key that filed the change. */
@Controller('api/v1/changes')
@ApiTags('changes')
@RequireScopes('admin')
export class ChangeCommandsController {
  constructor(
    private readonly requests: WriteRequests,
    private readonly people: ActingPeople,
    private readonly answering: AnsweringChanges,
  ) {}

  @Post(':id/approve')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Approve; with the last approval that is needed the change is made' })
  @ApiOkResponse({ type: ChangeAnsweredDto })
  async approve(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: ApproveChangeDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ChangeAnsweredDto> {
    const { reason = null, confirm } = body;
    const asking = await this.#asking({ caller, request, query, body });
    return answered(await this.answering.approve(id, { reason, confirm }, asking));
  }

  @Post(':id/refuse')
  @HttpCode(200)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Refuse a change, or take back one’s own' })
  @ApiOkResponse({ type: ChangeAnsweredDto })
  async refuse(
    @Param() { id }: UuidParams,
    @Query() query: TenantQuery,
    @Body() body: RefuseChangeDto,
    @Req() request: PlatformRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<ChangeAnsweredDto> {
    return answered(await this.answering.refuse(id, body.reason, await this.#asking({ caller, request, query, body })));
  }

  async #asking({ caller, request, query, body }: Told): Promise<AskingAboutChange> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const acting = await this.people.person(caller, tenant, body.actAs);
    return { acting, metadata: this.requests.metadata(caller, request, body, tenant) };
  }
}

function answered({ id, status, storePosition }: AnsweredChange): ChangeAnsweredDto {
  return { id, status, positionToken: encodePositionToken(storePosition) };
}
