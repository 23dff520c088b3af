import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { durationMs } from '#libs/kernel';
import { fieldRule, IsId, IsReason, IsUuid } from '#libs/platform';
import { InNameOfDto, ListEndDto, ListQuery } from '../questions.dto.js';

const STATUSES = ['requested', 'active', 'refused', 'ended'] as const;
const nullable = (example: string | null) => ({ type: String, nullable: true, example }) as const;

/** Longest duration as it is written, characters. */
const DURATION_LENGTH_MAX = 32;

const IsDuration = (): PropertyDecorator =>
  fieldRule('isDuration', isDuration, 'must be an ISO-8601 duration of weeks, days, hours, minutes and seconds: PT2H');

function isDuration(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > DURATION_LENGTH_MAX) return false;
  try {
    return durationMs(value) > 0;
  } catch {
    return false;
  }
}

/** Which elevations to list. Without the right to read others': those that one gets, asked for, or may approve. */
export class ElevationQuery extends ListQuery {
  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];

  @ApiPropertyOptional({ format: 'uuid', description: 'Only what this account gets' })
  @IsOptional()
  @IsUuid()
  account?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only what this account may approve' })
  @IsOptional()
  @IsUuid()
  approver?: string;
}

/** A role asked for, for a time. */
export class NewElevationDto extends InNameOfDto {
  @ApiProperty({ format: 'uuid', description: 'The account that gets the role' })
  @IsUuid()
  account!: string;

  @ApiProperty({ example: 'prod.admin' })
  @IsId()
  role!: string;

  @ApiProperty({ example: 'Incident 42: the database of shop 7 has to be repaired', maxLength: 1000 })
  @IsReason()
  reason!: string;

  @ApiProperty({ example: 'PT2H', description: 'ISO-8601; within what policy and role allow' })
  @IsDuration()
  duration!: string;

  @ApiPropertyOptional({
    default: false,
    description: 'Begin at once, to be reviewed afterwards; where the policy allows it',
  })
  @IsOptional()
  @IsBoolean()
  breakGlass?: boolean;
}

/** An approval. */
export class ApproveElevationDto extends InNameOfDto {
  @ApiPropertyOptional({ example: 'Agreed with the on-call lead', maxLength: 1000 })
  @IsOptional()
  @IsReason()
  reason?: string;
}

/** A refusal, or an end before its time. */
export class EndElevationDto extends InNameOfDto {
  @ApiProperty({ example: 'Repaired', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** An extension. */
export class ExtendElevationDto extends EndElevationDto {
  @ApiProperty({ example: 'PT1H', description: 'How much longer than until now, ISO-8601' })
  @IsDuration()
  duration!: string;
}

/** What a write of an elevation answers. */
export class ElevationWrittenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}

/** An approval that was given. */
export class ApprovalDto {
  @ApiProperty({
    ...nullable('771f942c-b71a-5b6e-a29a-93183ee52f21'),
    format: 'uuid',
    description: 'null: break-glass',
  })
  by!: string | null;

  @ApiProperty({ enum: ['session', 'apiKey'] })
  decidedVia!: string;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  apiKey!: string | null;

  @ApiProperty({ format: 'date-time' })
  at!: string;
}

/** An elevation. Its reason reads `[withheld]` to those who neither take part in it nor have personal:read. */
export class ElevationDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ format: 'uuid' })
  account!: string;

  @ApiProperty({ example: 'prod.admin' })
  role!: string;

  @ApiProperty({ example: 'elevate-prod' })
  policy!: string;

  @ApiProperty()
  policyVersion!: number;

  @ApiProperty({ enum: STATUSES, description: 'As of now: one whose time is over has ended' })
  status!: string;

  @ApiProperty(nullable('Incident 42'))
  reason!: string | null;

  @ApiProperty({ example: 'PT2H' })
  duration!: string;

  @ApiProperty()
  breakGlass!: boolean;

  @ApiProperty({
    ...nullable('771f942c-b71a-5b6e-a29a-93183ee52f21'),
    format: 'uuid',
    description: 'null: a key for nobody',
  })
  requestedBy!: string | null;

  @ApiProperty({ enum: ['session', 'apiKey'] })
  requestedVia!: string;

  @ApiProperty({ format: 'date-time' })
  requestedAt!: string;

  @ApiProperty({ format: 'date-time', description: 'An unanswered request ends then' })
  validUntil!: string;

  @ApiProperty({ type: [String], format: 'uuid' })
  approvers!: string[];

  @ApiProperty()
  approvalsNeeded!: number;

  @ApiProperty({ type: [ApprovalDto] })
  approvals!: ApprovalDto[];

  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'The newest one' })
  grant!: string | null;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  from!: string | null;

  @ApiProperty({ ...nullable(null), format: 'date-time', description: 'Exclusive' })
  until!: string | null;

  @ApiProperty({ ...nullable(null), format: 'date-time', description: 'When it ceased to count' })
  endedAt!: string | null;

  @ApiProperty({
    ...nullable(null),
    enum: ['refused', 'withdrawn', 'lapsed', 'not-possible', 'time-over', 'by-hand', 'revoked'],
  })
  endedBecause!: string | null;
}

/** A page of elevations. */
export class ElevationListDto extends ListEndDto {
  @ApiProperty({ type: [ElevationDto] })
  items!: ElevationDto[];
}
