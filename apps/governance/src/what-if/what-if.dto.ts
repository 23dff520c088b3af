import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import { IsCursor, IsId, IsMinPosition } from '#libs/platform';

/** Days of recorded sign-ins that are replayed unless the request says otherwise, and the most that it may say. */
export const DAYS_DEFAULT = 30;
const DAYS_MAX = 90;

/** Names the tenant, where an installation key could mean several. */
export class WhatIfQuery {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;

  @IsMinPosition()
  minPosition?: string;
}

/** A policy that is not in force. */
export class ProposedPolicyDto {
  @ApiProperty({ example: 'maker-checker' })
  @IsId()
  id!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { kind: 'sod', roles: [['pay.create'], ['pay.approve']], mode: 'preventive' },
    description: 'As PUT takes them',
  })
  @IsObject()
  settings!: Record<string, unknown>;
}

/** Which sign-ins are replayed. */
export class ReplayedDaysDto {
  @ApiPropertyOptional({ default: DAYS_DEFAULT, minimum: 1, maximum: DAYS_MAX })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(DAYS_MAX)
  days?: number;
}

/** A policy, or a connection with the settings or the rules that it would have: one of them. */
export class WhatIfDto {
  @ApiPropertyOptional({ type: ProposedPolicyDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => ProposedPolicyDto)
  policy?: ProposedPolicyDto;

  @ApiPropertyOptional({ example: 'okta', description: 'A connection; disabled ones will do' })
  @IsOptional()
  @IsId()
  connection?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { groups: { split: ';' } },
    description: 'A merge patch (RFC 7396) over the connection’s settings, as the preview of mappings takes it',
  })
  @IsOptional()
  @IsObject()
  settings?: Record<string, unknown>;

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ id: 'eng', when: { group: 'engineering' }, grant: ['crm.reader'] }],
    description: 'Every rule that the connection would have; short for settings that say only rules',
  })
  @IsOptional()
  @IsArray()
  @IsObject({ each: true })
  rules?: readonly Record<string, unknown>[];

  @ApiPropertyOptional({ type: ReplayedDaysDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => ReplayedDaysDto)
  signIns?: ReplayedDaysDto;

  @ApiPropertyOptional({ description: '`after` of an answer that is not complete; what is asked must be the same' })
  @IsOptional()
  @IsCursor()
  after?: string;
}

/** Why somebody is turned away, in the codes of refused sign-ins. */
export class WhatIfRefusalDto {
  @ApiProperty({ type: String, nullable: true, description: 'As things are' })
  before!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'group-required', description: 'As they would be' })
  after!: string | null;
}

/** A grant that stands. */
export class HeldGrantDto {
  @ApiProperty({ example: 'pay.create' })
  role!: string;

  @ApiProperty({ format: 'uuid', description: 'Its chain says why it is there' })
  grant!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The event that gave it' })
  event!: string | null;
}

/** Somebody, or something, that would be concerned today. */
export class WhatIfPersonDto {
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  account!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Only with personal:read' })
  name!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'no-sign-in',
    description: 'Of the finding that there would be',
  })
  code!: string | null;

  @ApiProperty({ type: [String], example: ['crm.reader'] })
  rolesGained!: readonly string[];

  @ApiProperty({ type: [String] })
  rolesLost!: readonly string[];

  @ApiProperty({ type: WhatIfRefusalDto })
  refusal!: WhatIfRefusalDto;

  @ApiProperty({ type: [HeldGrantDto] })
  held!: readonly HeldGrantDto[];

  @ApiProperty({ type: [String], description: 'Policies of segregation of duties that would be against it' })
  conflicts!: readonly string[];

  @ApiProperty({ description: 'Review items that would open' })
  reviewItems!: number;
}

/** A recorded event, a sign-in as a rule, that would have gone otherwise. */
export class WhatIfSignInDto {
  @ApiProperty({ format: 'uuid' })
  event!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  account!: string | null;

  @ApiProperty({ type: [String] })
  rolesGained!: readonly string[];

  @ApiProperty({ type: [String] })
  rolesLost!: readonly string[];

  @ApiProperty({ type: WhatIfRefusalDto })
  refusal!: WhatIfRefusalDto;

  @ApiProperty({ type: [String], description: 'Roles that it gave and would have kept back' })
  keptBack!: readonly string[];

  @ApiProperty({ type: [String], example: ['authenticationContext mfa'], description: 'Requirements not met' })
  unmet!: readonly string[];
}

/** How often a role would be given and taken. */
export class WhatIfRoleDto {
  @ApiProperty({ example: 'crm.reader' })
  role!: string;

  @ApiProperty({ description: 'Accounts' })
  gained!: number;

  @ApiProperty({ description: 'Accounts' })
  lost!: number;
}

/** Somebody who would be asked. */
export class WhatIfReviewerDto {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: nobody could be found' })
  account!: string | null;

  @ApiProperty({ description: 'Items to decide, or roles to approve' })
  items!: number;
}

class WhatIfPeopleDto {
  @ApiProperty()
  total!: number;

  @ApiProperty({ type: [WhatIfPersonDto], description: 'The first 200' })
  items!: readonly WhatIfPersonDto[];
}

class WhatIfSignInsDto {
  @ApiProperty()
  total!: number;

  @ApiProperty({ type: [WhatIfSignInDto], description: 'The first 200' })
  items!: readonly WhatIfSignInDto[];
}

class WhatIfReviewersDto {
  @ApiProperty()
  total!: number;

  @ApiProperty({ type: [WhatIfReviewerDto], description: 'The 200 who would be asked most' })
  items!: readonly WhatIfReviewerDto[];
}

/** What would follow. An answer that is not complete tells of what was looked at since `after` of the one before: add them up. */
export class WhatIfResultDto {
  @ApiProperty({ example: 'connection', description: '`connection`, or the kind of the policy' })
  about!: string;

  @ApiProperty({ description: 'false: the time of one answer was not enough' })
  complete!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it to go on; null: nothing is left, or it cannot be gone on with',
  })
  after!: string | null;

  @ApiProperty({ format: 'date-time', description: 'Where the replayed days begin' })
  from!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { peopleLookedAt: 1200, signInsLookedAt: 100_000, unreadable: 3, signInsChanged: 17 },
  })
  counts!: Record<string, number>;

  @ApiProperty({ type: [WhatIfRoleDto], description: 'Of today’s people' })
  roles!: readonly WhatIfRoleDto[];

  @ApiProperty({ type: WhatIfPeopleDto })
  people!: WhatIfPeopleDto;

  @ApiProperty({ type: WhatIfSignInsDto })
  signIns!: WhatIfSignInsDto;

  @ApiProperty({ type: WhatIfReviewersDto })
  reviewers!: WhatIfReviewersDto;

  @ApiProperty({ type: [String], description: 'What could not be told' })
  notes!: readonly string[];
}
