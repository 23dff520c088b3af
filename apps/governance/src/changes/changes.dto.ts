import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsReason, IsText } from '#libs/platform';
import { InNameOfDto, ListEndDto, ListQuery } from '../questions.dto.js';

const STATUSES = ['held', 'approved', 'applied', 'refused'] as const;
const AREAS = ['connections', 'rules', 'policies', 'privilegedRoles'] as const;
const KINDS = ['connection', 'role', 'policy'] as const;
const REFUSALS = ['refused', 'withdrawn', 'lapsed', 'outdated'] as const;

const nullable = (example: string | null) => ({ type: String, nullable: true, example }) as const;

/** Which changes to list. */
export class ChangeQuery extends ListQuery {
  @ApiPropertyOptional({ enum: STATUSES, description: 'approved: not made yet' })
  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];

  @ApiPropertyOptional({ enum: AREAS })
  @IsOptional()
  @IsIn(AREAS)
  area?: (typeof AREAS)[number];

  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Only those that were made at once, or none of them' })
  @IsOptional()
  @IsIn(['true', 'false'])
  emergency?: 'true' | 'false';
}

/** An approval. */
export class ApproveChangeDto extends InNameOfDto {
  @ApiPropertyOptional({ example: 'As discussed', maxLength: 1000 })
  @IsOptional()
  @IsReason()
  reason?: string;

  @ApiPropertyOptional({
    example: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    description: 'What the change’s consequences ask to confirm',
  })
  @IsOptional()
  @IsText({ max: 64 })
  confirm?: string;
}

/** A refusal, or the withdrawal of one's own. */
export class RefuseChangeDto extends InNameOfDto {
  @ApiProperty({ example: 'The rule is too wide', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** What an answer came to. */
export class ChangeAnsweredDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ description: 'Pass it as minPosition to read what follows from it', example: 'cDE6NDI' })
  positionToken!: string;
}

/** An approval that was given. */
export class ChangeApprovalDto {
  @ApiProperty({ example: 'account:771f942c-b71a-5b6e-a29a-93183ee52f21' })
  by!: string;

  @ApiProperty({ enum: ['session', 'apiKey'] })
  decidedVia!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;
}

/** A change that waits, or waited, for a second person, or should have. */
export class ChangeDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ enum: AREAS, description: 'The one that needs the most approvals' })
  area!: string;

  @ApiProperty({ enum: KINDS })
  kind!: string;

  @ApiProperty({ example: 'okta', description: 'What would change' })
  target!: string;

  @ApiProperty({ type: Number, nullable: true, example: 4, description: 'The version it was made from; null: new' })
  ofVersion!: number | null;

  @ApiProperty({ type: [String], example: ['rules'], description: 'Names of the settings that change' })
  changed!: readonly string[];

  @ApiProperty({ example: 'account:771f942c-b71a-5b6e-a29a-93183ee52f21', description: 'Who asked' })
  requestedBy!: string;

  @ApiProperty({ ...nullable('The CRM is open to sales'), description: '[withheld] without personal:read' })
  reason!: string | null;

  @ApiProperty({ format: 'date-time' })
  requestedAt!: string;

  @ApiProperty({ ...nullable('2026-03-09T08:00:00.000Z'), format: 'date-time', description: 'When it lapses' })
  validUntil!: string | null;

  @ApiProperty({ example: 1 })
  approvalsNeeded!: number;

  @ApiProperty({ type: [ChangeApprovalDto] })
  approvals!: readonly ChangeApprovalDto[];

  @ApiProperty({ description: 'Whether it was made at once although it should have waited; a review looks at it' })
  emergency!: boolean;

  @ApiProperty({ type: String, nullable: true, enum: [...REFUSALS, null] })
  refusedBecause!: string | null;

  @ApiProperty(nullable('account:771f942c-b71a-5b6e-a29a-93183ee52f21'))
  refusedBy!: string | null;

  @ApiProperty({ ...nullable('2026-03-02T09:00:00.000Z'), format: 'date-time' })
  appliedAt!: string | null;

  @ApiProperty({ type: [String], format: 'uuid', description: 'The events that made it' })
  events!: readonly string[];
}

/** One setting that differs. */
export class SettingDifferenceDto {
  @ApiProperty({ example: 'rules[sales].grant' })
  setting!: string;

  @ApiProperty({ type: Object, nullable: true, example: ['crm.reader'], description: 'null: not there' })
  before!: unknown;

  @ApiProperty({ type: Object, nullable: true, example: ['crm.reader', 'crm.writer'] })
  after!: unknown;
}

/** Grants that a change would end. */
export class ChangeLossDto {
  @ApiProperty({ ...nullable('okta'), description: 'null: grants by hand of a retired role' })
  connection!: string | null;

  @ApiProperty({ example: 3, description: 'Grants that would end' })
  losing!: number;

  @ApiProperty({ example: 120, description: 'Grants that stand now' })
  of!: number;

  @ApiProperty({ example: 10, description: 'Above this share, in percent, it must be confirmed' })
  limitPercent!: number;
}

/** What a change would come to, as things stand now. */
export class ChangeConsequencesDto {
  @ApiProperty({ type: [ChangeLossDto] })
  losses!: readonly ChangeLossDto[];

  @ApiProperty({ type: [String], description: 'What follows beyond that; to be confirmed' })
  warnings!: readonly string[];

  @ApiProperty({ type: [String], description: 'What may not be expected; nothing to confirm' })
  remarks!: readonly string[];

  @ApiProperty({ type: String, nullable: true, description: 'What an approval must bring along; null: nothing' })
  confirm!: string | null;
}

/** A change with its difference. Secrets are fingerprints; whom a policy names, and a role's owner, need personal:read. */
export class ChangeInDetailDto extends ChangeDto {
  @ApiProperty({ type: [SettingDifferenceDto], description: 'Empty for one that was made at once: its events tell it' })
  differences!: readonly SettingDifferenceDto[];

  @ApiProperty({ type: ChangeConsequencesDto, nullable: true, description: 'null unless it waits and still fits' })
  consequences!: ChangeConsequencesDto | null;
}

/** A page of changes, in the order in which they were asked for. */
export class ChangeListDto extends ListEndDto {
  @ApiProperty({ type: [ChangeDto] })
  items!: readonly ChangeDto[];
}
