import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { Database } from '#libs/database';
import { verifySealedLog } from '#libs/ledger';
import {
  type Caller,
  CurrentCaller,
  DATABASE,
  EVENT_STORE,
  type EventStore,
  NotFoundError,
  RequireScopes,
} from '#libs/platform';

/** One thing that is wrong between the store and the sealed log. */
export class LedgerFindingDto {
  @ApiProperty({ example: 'hash-differs' })
  problem!: string;

  @ApiProperty({ example: 42 })
  storePosition!: number;

  @ApiProperty({ format: 'uuid' })
  eventId!: string;
}

/** What a verification came to. */
export class LedgerVerificationDto {
  @ApiProperty({ example: 1200, description: 'Rows of the sealed log that were looked at' })
  sealed!: number;

  @ApiProperty({ example: 0, description: 'Events at the end of the store that are not sealed yet; no fault' })
  pending!: number;

  @ApiProperty({ example: 0, description: '0 means that every check held' })
  problems!: number;

  @ApiProperty({ type: [LedgerFindingDto], description: 'The first 1,000' })
  findings!: readonly LedgerFindingDto[];
}

/** Verification of the log by the server that holds it, for the installation's own keys. Reads everything: seconds per million events. */
@Controller('api/v1/ledger/verification')
@ApiTags('ledger')
@RequireScopes('admin')
export class LedgerVerificationController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Recompute the sealed log from the events and compare' })
  @ApiOkResponse({ type: LedgerVerificationDto })
  async verify(@CurrentCaller() caller: Caller): Promise<LedgerVerificationDto> {
    if (caller.tenant !== null) throw new NotFoundError('ledger');
    return verifySealedLog({ database: this.database, store: this.store });
  }
}
