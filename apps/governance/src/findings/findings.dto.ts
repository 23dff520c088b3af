import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { FINDING_KINDS } from '#libs/contracts';
import { fieldRule, IsId, IsInstant, IsReason, IsUuid } from '#libs/platform';
import { InNameOfDto, ListEndDto, ListQuery } from '../questions.dto.js';

const STATUSES = ['open', 'accepted', 'resolved'] as const;
const ACTIONS = ['finding', 'review', 'deactivate'] as const;

const nullable = (example: string | null) => ({ type: String, nullable: true, example }) as const;

/** Which findings to list. Without the right to read the audit: those that one answers for. */
export class FindingListQuery extends ListQuery {
  @ApiPropertyOptional({ enum: FINDING_KINDS })
  @IsOptional()
  @IsIn(FINDING_KINDS)
  kind?: (typeof FINDING_KINDS)[number];

  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];

  @ApiPropertyOptional({ format: 'uuid', description: 'Account of who answers for it' })
  @IsOptional()
  @IsUuid()
  owner?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUuid()
  account?: string;

  @ApiPropertyOptional({ example: 'dormant-90' })
  @IsOptional()
  @IsId()
  policy?: string;

  @ApiPropertyOptional({ example: 'okta' })
  @IsOptional()
  @IsId()
  connection?: string;
}

/** Why, and in whose name. */
export class ResolveFindingDto extends InNameOfDto {
  @ApiProperty({ example: 'The account was closed at the source yesterday', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** A finding may stay for a time. */
export class AcceptFindingDto extends ResolveFindingDto {
  @ApiProperty({ format: 'date-time', description: 'Exclusive end, at most 366 days ahead: then it is raised again' })
  @IsInstant()
  until!: string;
}

/** Who answers for a finding from now on. */
export class AssignFindingDto extends ResolveFindingDto {
  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'An active account; null: nobody' })
  @fieldRule('isUuidOrNull', isUuidOrNull, 'must be a uuid in lower case, or null')
  owner!: string | null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isUuidOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && UUID.test(value));
}

/** One role of a conflict, and what gives it. */
export class HeldRoleDto {
  @ApiProperty({ example: 'pay.create' })
  role!: string;

  @ApiProperty({ format: 'uuid', description: 'GET /api/v1/access/{grant}/why tells its whole chain' })
  grant!: string;

  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'The event that gave it' })
  event!: string | null;
}

/** What a policy did about a finding. */
export class FindingActionDto {
  @ApiProperty({ enum: ['review', 'deactivate'] })
  action!: string;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  review!: string | null;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  event!: string | null;

  @ApiProperty({ format: 'date-time' })
  at!: string;
}

/** Something that stands out. */
export class FindingDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: FINDING_KINDS })
  kind!: string;

  @ApiProperty({ example: 'source-disabled' })
  code!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ ...nullable('dormant-90'), description: 'null: looked after without a policy' })
  policy!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 1 })
  policyVersion!: number | null;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  account!: string | null;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  grant!: string | null;

  @ApiProperty(nullable('crm.reader'))
  role!: string | null;

  @ApiProperty(nullable('okta'))
  connection!: string | null;

  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'The event that shows it' })
  event!: string | null;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  since!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { accountKind: 'service' } })
  details!: object;

  @ApiProperty({ type: [HeldRoleDto], nullable: true, description: 'Roles of a violation of segregation of duties' })
  held!: readonly HeldRoleDto[] | null;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  owner!: string | null;

  @ApiProperty({ format: 'date-time' })
  raisedAt!: string;

  @ApiProperty({ type: 'integer', example: 1 })
  timesRaised!: number;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  acceptedUntil!: string | null;

  @ApiProperty({ type: FindingActionDto, nullable: true })
  acted!: FindingActionDto | null;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  resolvedAt!: string | null;

  @ApiProperty({ ...nullable(null), enum: ['gone', 'by-hand', 'policy-ended'] })
  resolvedCode!: string | null;
}

/** A page of findings. */
export class FindingListDto extends ListEndDto {
  @ApiProperty({ type: [FindingDto] })
  items!: readonly FindingDto[];
}

/** On whom a policy would act now; nothing is done by asking. */
export class NextRunDto {
  @ApiProperty({ enum: ACTIONS })
  action!: string;

  @ApiProperty({ type: 'integer', example: 100, description: 'Most accounts on which it acts within 24 hours' })
  maxPerRun!: number;

  @ApiProperty({ type: [String], format: 'uuid', description: 'Accounts, in the order in which they were found' })
  accounts!: readonly string[];

  @ApiProperty({ type: 'integer', example: 0, description: 'Findings that wait for a later run' })
  waiting!: number;
}

/** Findings of one policy, and what it would do about them. */
export class ViolationListDto extends FindingListDto {
  @ApiProperty({ type: NextRunDto, nullable: true, description: 'Of the first page; null on those after it' })
  nextRun!: NextRunDto | null;
}

/** What a change of a finding came to. */
export class FindingWrittenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ ...nullable(null), format: 'uuid' })
  owner!: string | null;

  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}
