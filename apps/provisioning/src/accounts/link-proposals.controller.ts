import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import type { Database } from '#libs/database';
import {
  type Caller,
  CurrentCaller,
  DATABASE,
  IsId,
  makeCursor,
  PageQuery,
  RequireScopes,
  readCursor,
  WriteRequests,
  waitForPosition,
} from '#libs/platform';
import { listLinkProposals, readPosition } from '#libs/read-model';

const LIST = 'link-proposals.1';

/** Which link proposals to list. */
export class LinkProposalQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** A person whom a connection may not link by itself: somebody has to say whether they are the account that bears their name. */
export class LinkProposalDto {
  @ApiProperty({
    format: 'uuid',
    description: 'The SignInRefused event: who it was is in it, for callers with personal:read',
  })
  event!: string;

  @ApiProperty({ example: 'okta' })
  connection!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The account that bears their name, address or id',
  })
  account!: string | null;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ type: 'integer', example: 4711 })
  position!: number;
}

/** A page of link proposals. */
export class LinkProposalListDto {
  @ApiProperty({ type: [LinkProposalDto] })
  items!: readonly LinkProposalDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;

  @ApiProperty({ type: 'integer', example: 4711 })
  position!: number;
}

/** People who were refused because an account bears their name; `POST /api/v1/accounts/{id}/links` settles it. */
@Controller('api/v1/link-proposals')
@ApiTags('accounts')
@RequireScopes('audit:read')
export class LinkProposalsController {
  constructor(
    private readonly requests: WriteRequests,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Refused people who wait for an administrator to link them' })
  @ApiOkResponse({ type: LinkProposalListDto })
  async list(@Query() query: LinkProposalQuery, @CurrentCaller() caller: Caller): Promise<LinkProposalListDto> {
    const tenant = await this.requests.tenant(caller, query.tenant);
    const [after] = query.cursor ? readCursor(LIST, ['integer'], query.cursor) : [-1];
    await waitForPosition({
      read: async () => (await readPosition(this.database)).storePosition,
      token: query.minPosition,
    });
    const { position } = await readPosition(this.database);
    const { items, more } = await listLinkProposals(this.database, {
      tenant,
      after,
      through: position,
      limit: query.limit,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.position]) : null;
    return { items: items.map((item) => ({ ...item, at: item.at.toISOString() })), nextCursor, position };
  }
}
