import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { fieldRule, IsInstant, IsReason, IsUuid } from '#libs/platform';
import { InNameOfDto, ListEndDto, ListQuery } from '../questions.dto.js';

/** Most items that one request decides. */
export const BULK_MAX = 200;

const ITEM_STATUSES = ['open', 'revoking', 'closed'] as const;
const DECISIONS = ['certify', 'revoke', 'reduce', 'abstain', 'reassign', 'delegate'] as const;
const BULK_DECISIONS = ['certify', 'revoke', 'reduce', 'abstain'] as const;

const nullable = (example: string | null) => ({ type: String, nullable: true, example }) as const;

/** Which items to list. Without the right to read others' lists: one's own. */
export class ReviewItemQuery extends ListQuery {
  @ApiPropertyOptional({ enum: ITEM_STATUSES, description: 'revoking: decided, and not yet in effect' })
  @IsOptional()
  @IsIn(ITEM_STATUSES)
  status?: (typeof ITEM_STATUSES)[number];

  @ApiPropertyOptional({ format: 'uuid', description: 'Only what this account is asked' })
  @IsOptional()
  @IsUuid()
  reviewer?: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Only what this account holds' })
  @IsOptional()
  @IsUuid()
  account?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUuid()
  review?: string;
}

/** In whose name, and since when it was looked at. */
class Deciding extends InNameOfDto {
  @ApiPropertyOptional({
    example: 'Still runs the month-end closing',
    maxLength: 1000,
    description: 'Always needed to revoke',
  })
  @IsOptional()
  @IsReason()
  reason?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'For reduce: the exclusive end, which no rule extends' })
  @IsOptional()
  @IsInstant()
  until?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When the question was shown; the time spent on it is recorded',
  })
  @IsOptional()
  @IsInstant()
  shownAt?: string;
}

/** The answer to one question. */
export class ReviewDecisionDto extends Deciding {
  @ApiProperty({ enum: DECISIONS })
  @IsIn(DECISIONS)
  decision!: (typeof DECISIONS)[number];

  @ApiPropertyOptional({ format: 'uuid', description: 'For reassign and delegate: the account to ask' })
  @IsOptional()
  @IsUuid()
  to?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: 'The stage that was looked at; refused when it is over',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(4)
  stage?: number;
}

/** The same answer to several questions. */
export class BulkDecisionDto extends Deciding {
  @ApiProperty({ type: [String], format: 'uuid', minItems: 1, maxItems: BULK_MAX })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(BULK_MAX)
  @fieldRule('areUuids', areUuids, 'must be different uuids in lower case')
  items!: string[];

  @ApiProperty({ enum: BULK_DECISIONS })
  @IsIn(BULK_DECISIONS)
  decision!: (typeof BULK_DECISIONS)[number];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function areUuids(value: unknown): boolean {
  if (!Array.isArray(value) || !value.every((id) => typeof id === 'string' && UUID.test(id))) return false;
  return new Set(value).size === value.length;
}

/** What opened a review. */
export class TriggerDto {
  @ApiProperty({ ...nullable(null), format: 'uuid' })
  event!: string | null;

  @ApiProperty({ example: 'privilegedRoleGranted' })
  reason!: string;
}

/** What speaks for or against a grant. */
export class RecommendationDto {
  @ApiProperty({ enum: ['certify', 'revoke', 'none'] })
  decision!: string;

  @ApiProperty({ type: [String], example: ['Last sign-in: 3 days ago.'] })
  because!: readonly string[];
}

/** The last decision about an item. */
export class RecordedDecisionDto {
  @ApiProperty({ enum: ['certify', 'revoke', 'reduce', 'abstain'] })
  decision!: string;

  @ApiProperty({
    ...nullable(null),
    format: 'uuid',
    description: 'The account that decided; null for the policy itself',
  })
  by!: string | null;

  @ApiProperty({ enum: ['session', 'apiKey', 'system'] })
  decidedVia!: string;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  apiKey!: string | null;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  until!: string | null;

  @ApiProperty({ description: 'Whether several were decided at once' })
  bulk!: boolean;

  @ApiProperty({ type: 'integer', example: 0 })
  stage!: number;

  @ApiProperty({ format: 'uuid', description: 'The ReviewDecisionRecorded event, which has the reason' })
  event!: string;
}

/** Why an account holds the role. */
export class ItemSourceDto {
  @ApiProperty({ enum: ['rule', 'manual', 'elevation', 'import'] })
  kind!: string;

  @ApiProperty(nullable('okta'))
  connection!: string | null;

  @ApiProperty(nullable('admins'))
  rule!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 2 })
  ruleVersion!: number | null;

  @ApiProperty(nullable(null))
  actor!: string | null;
}

/** The question whether one grant should go on. */
export class ReviewItemDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  review!: string;

  @ApiProperty(nullable('privileged-grants'))
  policy!: string | null;

  @ApiProperty({ type: TriggerDto })
  trigger!: TriggerDto;

  @ApiProperty({ format: 'uuid' })
  account!: string;

  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'null where a role was kept back' })
  grant!: string | null;

  @ApiProperty({ example: 'crm.admin' })
  role!: string;

  @ApiProperty()
  privileged!: boolean;

  @ApiProperty({ type: ItemSourceDto, nullable: true })
  source!: ItemSourceDto | null;

  @ApiProperty({ type: [String], format: 'uuid', description: 'Accounts, any of which may decide' })
  reviewers!: readonly string[];

  @ApiProperty({ enum: ['manager', 'roleOwner', 'applicationOwner', 'self', 'named', 'fallback', 'nobody'] })
  reviewersAs!: string;

  @ApiProperty({ type: [String], example: [] })
  flags!: readonly string[];

  @ApiProperty({ type: RecommendationDto })
  recommendation!: RecommendationDto;

  @ApiProperty({ format: 'date-time' })
  openedAt!: string;

  @ApiProperty({ type: 'integer', example: 0 })
  stage!: number;

  @ApiProperty({ type: 'integer', example: 1 })
  stages!: number;

  @ApiProperty({ format: 'date-time' })
  stageDueAt!: string;

  @ApiProperty({ format: 'date-time' })
  dueAt!: string;

  @ApiProperty({ enum: ITEM_STATUSES })
  status!: string;

  @ApiProperty({ type: RecordedDecisionDto, nullable: true })
  decision!: RecordedDecisionDto | null;

  @ApiProperty({ ...nullable(null), enum: ['certified', 'revoked', 'reduced', 'carriedForward', 'moot', 'expired'] })
  outcome!: string | null;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  closedAt!: string | null;

  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'The event that made it so' })
  because!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'From the decision to its effect, in milliseconds' })
  effectAfterMs!: number | null;
}

/** A page of review items. */
export class ReviewItemListDto extends ListEndDto {
  @ApiProperty({ type: [ReviewItemDto] })
  items!: readonly ReviewItemDto[];
}

/** What a decision came to. */
export class ItemDecidedDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  review!: string;

  @ApiProperty({ enum: ITEM_STATUSES })
  status!: string;

  @ApiProperty({ ...nullable(null), description: 'moot: the grant had ended meanwhile' })
  outcome!: string | null;

  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}

/** What became of one of several items. */
export class BulkResultDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ ...nullable('closed'), description: 'null when the decision was refused' })
  status!: string | null;

  @ApiProperty(nullable('certified'))
  outcome!: string | null;

  @ApiProperty({
    ...nullable(null),
    description: 'Why it was refused: the code that a single request would be refused with',
  })
  code!: string | null;

  @ApiProperty(nullable(null))
  detail!: string | null;
}

/** What became of each of several items, in the order in which they were named. */
export class BulkDecidedDto {
  @ApiProperty({ type: [BulkResultDto] })
  results!: readonly BulkResultDto[];

  @ApiProperty({ ...nullable('cDE6NDI'), description: 'null when every decision was refused' })
  positionToken!: string | null;
}
