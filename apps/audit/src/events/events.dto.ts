import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { EVENT_ENTRIES } from '#libs/contracts';
import { fieldRule, IsId, IsInstant, IsMinPosition, IsUuid, PageQuery } from '#libs/platform';
import { IsPosition, IsTenant } from '../reading/position.decorators.js';

/** `kind:id` of an actor, or the id alone. */
const ACTOR = /^(?:(?:account|key|connection|system):)?[A-Za-z0-9._-]{1,100}$/;

/** A mistyped type must not read as "nothing of the kind happened". */
const TYPES = EVENT_ENTRIES.map(({ type }) => type);

/** Which events. */
export class EventsQueryDto extends PageQuery {
  @ApiPropertyOptional({ enum: TYPES, example: 'RolesAssigned', description: 'Only events of this type' })
  @IsOptional()
  @fieldRule(
    'isEventType',
    (value) => TYPES.includes(value as string),
    `must be one of ${TYPES.join(', ')}`,
    'invalid-type',
  )
  type?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only events about this account' })
  @IsOptional()
  @IsUuid()
  account?: string;

  @ApiPropertyOptional({ example: 'key:5b0c9a53-0f0e-4a7e-9d0c-3f6f6f1f6a51', description: 'Only what this actor did' })
  @IsOptional()
  @fieldRule('isActor', (value) => typeof value === 'string' && ACTOR.test(value), 'must be kind:id, or an id')
  actor?: string;

  @ApiPropertyOptional({ example: 'okta', description: 'Only events that came through, or are about, this connection' })
  @IsOptional()
  @IsId()
  connection?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    example: '2026-11-01T00:00:00Z',
    description: 'Recorded at this instant or later',
  })
  @IsOptional()
  @IsInstant()
  from?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    example: '2026-12-01T00:00:00Z',
    description: 'Recorded before this instant',
  })
  @IsOptional()
  @IsInstant()
  to?: string;

  @IsPosition('Only events after this position; without it the listing starts at 0')
  after?: number;

  @IsTenant()
  tenant?: string;
}

/** One event. */
export class EventQueryDto {
  @IsTenant()
  tenant?: string;

  @IsMinPosition()
  minPosition?: string;
}

/** An event in an address. */
export class EventParams {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  id!: string;
}

/** A fact of the sealed log. */
export class EventDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'RolesAssigned' })
  type!: string;

  @ApiProperty({ type: 'integer', example: 1 })
  schemaVersion!: number;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ example: 'account-acme+0b0f4c6e-8c53-5d5f-9a55-0a6a1d1c2b3a' })
  stream!: string;

  @ApiProperty({ type: 'integer', example: 1, description: 'Index in its stream' })
  revision!: number;

  @ApiProperty({ type: 'integer', example: 17, description: 'Index in the sealed log' })
  position!: number;

  @ApiProperty({ type: 'integer', example: 12, description: 'Index among the events of its tenant' })
  tenantPosition!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ format: 'date-time' })
  sealedAt!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Personal fields read [withheld] without personal:read, and [erased] where their key is gone',
    example: { account: '0b0f4c6e-8c53-5d5f-9a55-0a6a1d1c2b3a', reason: '[withheld]' },
  })
  data!: unknown;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: {
      actor: { kind: 'connection', id: 'okta' },
      commandId: '0d7c6f2a-53e8-5b7a-8a45-6a1b2c3d4e5f',
      commandDigest: 'f0a1…',
      correlationId: '7f5c2b1e-9f6d-4a3b-8c2d-1e0f9a8b7c6d',
    },
  })
  metadata!: object;
}

/** A stretch of the sealed log. */
export class EventsDto {
  @ApiProperty({ type: [EventDto], description: 'Ascending by position, nothing left out' })
  items!: readonly EventDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;

  @ApiProperty({ type: 'integer', example: 42, description: 'The listing is complete up to here' })
  position!: number;
}
