import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { Allow, IsBoolean, IsIn, IsOptional } from 'class-validator';
import { IsId, IsReason, IsText } from '#libs/platform';
import { InNameOfDto, ListEndDto, ListQuery } from '../questions.dto.js';

const STATUSES = ['building', 'open', 'held', 'closed', 'signedOff'] as const;
const nullable = (example: string | null) => ({ type: String, nullable: true, example }) as const;

/** One of the terms of a review; what it may be, the schema of policies knows. */
const Term = (options: ApiPropertyOptions, description: string): PropertyDecorator =>
  applyDecorators(ApiPropertyOptional({ ...options, description } as ApiPropertyOptions), Allow());

/** Which reviews to list. */
export class AccessReviewQuery extends ListQuery {
  @ApiPropertyOptional({
    enum: STATUSES,
    description: 'held: silence would revoke too much; it waits for confirmation',
  })
  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];

  @ApiPropertyOptional({ example: 'quarterly-crm' })
  @IsOptional()
  @IsId()
  policy?: string;
}

/** Terms of a review that follows no policy: the keys of a review policy, which are checked as a configuration is. */
export class WrittenTermsDto {
  @Term({ type: 'object', additionalProperties: true, example: { application: 'crm' } }, 'Which grants; all, if absent')
  scope?: unknown;

  @Term({ type: 'array', items: {}, example: ['manager'] }, 'Who is asked; needed, unless there are stages')
  reviewers?: unknown;

  @Term(
    { type: 'array', items: { type: 'string' }, example: ['ciso@acme.example'] },
    'Who is asked when nobody else can be',
  )
  fallback?: unknown;

  @Term({ type: 'array', items: { type: 'object', additionalProperties: true } }, 'One after the other')
  stages?: unknown;

  @Term({ type: 'string', example: 'P7D' }, 'How long reviewers have')
  due?: unknown;

  @Term({ type: 'array', items: { type: 'string' }, example: ['P2D'] }, 'How long before the end of a stage')
  reminders?: unknown;

  @Term({ type: 'object', additionalProperties: true }, 'Who is asked as well when nobody answers')
  escalation?: unknown;

  @Term({ enum: ['keep', 'revoke', 'recommendation'] }, 'What becomes of what nobody decides')
  noResponse?: unknown;

  @Term({ type: 'object', additionalProperties: true }, 'More revocations by silence wait for confirmation')
  maxRevocations?: unknown;

  @Term({ type: 'object', additionalProperties: true }, 'How long a former decision answers')
  carryForward?: unknown;

  @Term({ type: 'string', example: 'SOC 2 CC6.2' }, 'The control that it is evidence for')
  control?: unknown;

  @Term({ type: 'boolean', enum: [false] }, 'Only policies let people decide about what they hold themselves')
  selfReview?: unknown;

  @Term({ type: 'array', items: { type: 'string' } }, 'Decisions that need a reason')
  reasons?: unknown;

  @Term({ type: 'string', example: 'ciso@acme.example' }, 'Who signs it off')
  signOff?: unknown;
}

/** A review that somebody opens: as a policy says, or with terms of its own. */
export class NewAccessReviewDto extends WrittenTermsDto {
  @ApiProperty({ example: 'The sales team was merged into another', maxLength: 1000 })
  @IsReason()
  reason!: string;

  @ApiPropertyOptional({ example: 'Sales after the merger', description: 'Needed without a policy', maxLength: 200 })
  @IsOptional()
  @IsText({ max: 200 })
  title?: string;

  @ApiPropertyOptional({ example: 'quarterly-crm', description: 'A review policy, whose terms hold; no others then' })
  @IsOptional()
  @IsId()
  policy?: string;

  @ApiPropertyOptional({ default: false, description: 'Answer whom it would ask about how much, and change nothing' })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}

/** Ends a review before its time, or confirms what its silence revokes. */
export class CloseReviewDto {
  @ApiProperty({ example: 'Opened by mistake', maxLength: 1000 })
  @IsReason()
  reason!: string;

  @ApiPropertyOptional({ description: 'The hash that a review which is held back names: confirms its revocations' })
  @IsOptional()
  @IsText({ max: 64 })
  confirm?: string;
}

/** Says that a finished review was done properly. */
export class SignOffDto extends InNameOfDto {
  @ApiProperty({ example: 'Checked a sample of twenty decisions', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** Why silence has not revoked what it should. */
export class HeldRevocationsDto {
  @ApiProperty({ type: 'integer' })
  revocations!: number;

  @ApiProperty({ type: 'integer' })
  items!: number;

  @ApiProperty({ type: 'integer' })
  limit!: number;

  @ApiProperty({ description: 'Close the review with it to confirm' })
  confirm!: string;
}

/** An access review. */
export class AccessReviewDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ example: 'quarterly-crm' })
  title!: string;

  @ApiProperty(nullable('quarterly-crm'))
  policy!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 1 })
  policyVersion!: number | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { reason: 'schedule', event: null } })
  trigger!: { readonly reason: string; readonly event: string | null };

  @ApiProperty(nullable('SOC 2 CC6.2'))
  control!: string | null;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  account!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Position as of which grants were looked for' })
  knownAt!: number | null;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ format: 'date-time' })
  openedAt!: string;

  @ApiProperty({ example: 'system:governance', description: 'kind:id' })
  openedBy!: string;

  @ApiProperty({ format: 'date-time' })
  dueAt!: string;

  @ApiProperty({ enum: ['keep', 'revoke', 'recommendation'] })
  noResponse!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'null while they are being made' })
  items!: number | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { open: 3, certified: 17 },
    description: 'How many items are open, being revoked, or came to each outcome',
  })
  counts!: Readonly<Record<string, number>>;

  @ApiProperty({ type: HeldRevocationsDto, nullable: true })
  held!: HeldRevocationsDto | null;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  closedAt!: string | null;

  @ApiProperty({ ...nullable(null), enum: ['complete', 'overdue', 'by-hand'] })
  closedCode!: string | null;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  signedOffAt!: string | null;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  signedOffBy!: string | null;

  @ApiProperty({ ...nullable(null), enum: ['session', 'apiKey'] })
  signedOffVia!: string | null;
}

/** A page of access reviews. */
export class AccessReviewListDto extends ListEndDto {
  @ApiProperty({ type: [AccessReviewDto] })
  items!: readonly AccessReviewDto[];
}

/** How much one person would be asked. */
export class ReviewerLoadDto {
  @ApiProperty({ format: 'uuid' })
  account!: string;

  @ApiProperty({ type: 'integer', example: 12 })
  items!: number;
}

/** A review that was opened, or what opening it would ask. */
export class AccessReviewOpenedDto {
  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'null for a dry run' })
  id!: string | null;

  @ApiProperty()
  dryRun!: boolean;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Of a dry run: false where counting took longer than it may',
  })
  complete!: boolean | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Of a dry run; a review counts its own once they are made',
  })
  items!: number | null;

  @ApiProperty({
    type: [ReviewerLoadDto],
    nullable: true,
    description: 'Of a dry run: those with the most first, at most 200',
  })
  byReviewer!: readonly ReviewerLoadDto[] | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Of a dry run: items that nobody could decide' })
  withoutReviewer!: number | null;

  @ApiProperty(nullable('cDE6NDI'))
  positionToken!: string | null;
}

/** A review after a write. */
export class AccessReviewWrittenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ example: 'cDE6NDI' })
  positionToken!: string;
}
