import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { Database } from '#libs/database';
import { AccountNotFoundError } from '#libs/domain';
import {
  type Caller,
  CLOCK,
  type Clock,
  CurrentCaller,
  DATABASE,
  IsId,
  IsMinPosition,
  IsText,
  makeCursor,
  PageQuery,
  RequireScopes,
  readCursor,
  WriteRequests,
  waitForPosition,
} from '#libs/platform';
import { findAccount, listAccounts, readPosition, toAccountResource } from '#libs/read-model';
import { AccountDto, AccountListDto } from './account.dto.js';
import { AccountParams } from './accounts.dto.js';

const LIST = 'accounts.1';
const STATUSES = ['active', 'deactivated'] as const;
const KINDS = ['person', 'external', 'service', 'breakGlass'] as const;
const TEXT = { max: 1024 } as const;

/** Which accounts to list. */
export class AccountListQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;

  @ApiPropertyOptional({ example: 'staff' })
  @IsOptional()
  @IsId()
  directory?: string;

  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  status?: string;

  @ApiPropertyOptional({ enum: KINDS })
  @IsOptional()
  @IsIn(KINDS)
  kind?: string;

  @ApiPropertyOptional({
    example: 'grace@acme.example',
    description: 'Whole, without regard to case; needs personal:read',
  })
  @IsOptional()
  @IsText(TEXT)
  userName?: string;

  @ApiPropertyOptional({
    example: 'grace@acme.example',
    description: 'Whole, without regard to case; needs personal:read',
  })
  @IsOptional()
  @IsText(TEXT)
  email?: string;

  @ApiPropertyOptional({
    example: 'grace',
    description: 'Part of user name, display name or e-mail; needs personal:read',
  })
  @IsOptional()
  @IsText(TEXT)
  q?: string;
}

/** Which account to read. */
export class AccountQuery {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;

  @IsMinPosition()
  minPosition?: string;
}

/** Accounts as the read model has them. */
@Controller('api/v1/accounts')
@ApiTags('accounts')
@RequireScopes('audit:read')
export class AccountsController {
  constructor(
    private readonly requests: WriteRequests,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Accounts, in the order in which they were made' })
  @ApiOkResponse({ type: AccountListDto })
  async list(@Query() query: AccountListQuery, @CurrentCaller() caller: Caller): Promise<AccountListDto> {
    const { limit, cursor, minPosition, tenant: requested, ...filter } = query;
    const tenant = await this.requests.tenant(caller, requested);
    const position = await this.#reached(minPosition);
    const [after] = cursor ? readCursor(LIST, ['integer'], cursor) : [undefined];
    const personal = caller.scopes.has('personal:read');
    const { items, more } = await listAccounts(this.database, {
      ...filter,
      tenant,
      personal,
      now: this.#now(),
      after,
      through: position,
      limit,
    });
    const last = more ? items.at(-1) : undefined;
    const nextCursor = last ? makeCursor(LIST, [last.provisioned_pos]) : null;
    return { items: items.map((row) => toAccountResource(row, personal)), nextCursor, position };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One account' })
  @ApiOkResponse({ type: AccountDto })
  async read(
    @Param() { id }: AccountParams,
    @Query() query: AccountQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<AccountDto> {
    const tenant = query.tenant === undefined ? caller.tenant : await this.requests.tenant(caller, query.tenant);
    await this.#reached(query.minPosition);
    const row = await findAccount(this.database, { tenant, account: id, now: this.#now() });
    if (!row) throw new AccountNotFoundError();
    return toAccountResource(row, caller.scopes.has('personal:read'));
  }

  /** Waits for what the caller has written, then says how far the read model has come. */
  async #reached(minPosition: string | undefined): Promise<number> {
    await waitForPosition({ read: async () => (await readPosition(this.database)).storePosition, token: minPosition });
    return (await readPosition(this.database)).position;
  }

  #now(): string {
    return this.clock.now().toISOString();
  }
}
