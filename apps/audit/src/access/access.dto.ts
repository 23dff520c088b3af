import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsId, IsInstant, IsMinPosition, IsUuid, PageQuery } from '#libs/platform';
import { IsPosition, IsTenant } from '../reading/position.decorators.js';

/** Whose access, of which tenant, as known when. */
export class HoldingsQuery extends PageQuery {
  @ApiPropertyOptional({ format: 'uuid', description: 'Only this account' })
  @IsOptional()
  @IsUuid()
  account?: string;

  @ApiPropertyOptional({ example: 'crm.reader', description: 'Only this role' })
  @IsOptional()
  @IsId()
  role?: string;

  @IsPosition('The state of knowledge: events after this position are not taken into account; all, if absent')
  knownAt?: number;

  @IsTenant()
  tenant?: string;
}

/** Who holds what: filters, and the instant and knowledge that the answer is about. */
export class AccessQueryDto extends HoldingsQuery {
  @ApiPropertyOptional({ format: 'date-time', description: 'The instant asked about; now, if absent' })
  @IsOptional()
  @IsInstant()
  asOf?: string;
}

/** Why a grant was given. */
export class WhyQueryDto {
  @IsTenant()
  tenant?: string;

  @IsMinPosition()
  minPosition?: string;
}

/** A grant in an address. */
export class GrantParams {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  grant!: string;
}

/** Why the account holds the role: exactly one source. */
export class SourceOfGrantDto {
  @ApiProperty({ enum: ['rule', 'manual', 'elevation', 'import'] })
  kind!: string;

  @ApiProperty({ type: String, nullable: true, example: 'okta' })
  connection!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'admins' })
  rule!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 2 })
  ruleVersion!: number | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'kind:id of who gave it by hand' })
  actor!: string | null;
}

/** That an account holds a role because of one source. */
export class GrantDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  account!: string;

  @ApiProperty({ type: String, nullable: true, example: 'ada@acme.example', description: 'Needs personal:read' })
  userName!: string | null;

  @ApiProperty({ example: 'crm.admin' })
  role!: string;

  @ApiProperty({ type: String, nullable: true, example: 'crm' })
  application!: string | null;

  @ApiProperty({ type: Boolean, nullable: true, description: 'As the role was when it was granted' })
  privileged!: boolean | null;

  @ApiProperty({ type: SourceOfGrantDto })
  source!: SourceOfGrantDto;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:00:00.000Z', description: 'Inclusive' })
  from!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Exclusive; null while nothing ends it',
  })
  to!: string | null;

  @ApiProperty({ type: 'integer', example: 17 })
  grantedAtPosition!: number;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  revokedAtPosition!: number | null;
}

/** Who held what at an instant, as known at a position. */
export class AccessDto {
  @ApiProperty({ type: [GrantDto], description: 'In the order in which they were given' })
  items!: readonly GrantDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;

  @ApiProperty({ type: 'integer', example: 42, description: 'What the read model has taken in' })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  asOf!: string;

  @ApiProperty({ type: 'integer', example: 42 })
  knownAt!: number;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Present, and true, when facts could not be taken in: the answer may be incomplete',
  })
  degraded?: true;
}

/** An event of a chain of evidence. */
export class EvidenceEventDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'SignedIn' })
  type!: string;

  @ApiProperty({ type: 'integer', example: 16 })
  position!: number;

  @ApiProperty({ format: 'date-time' })
  recordedAt!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { kind: 'connection', id: 'okta' } })
  actor!: object;
}

/** One link of a chain of evidence. */
export class ReasonForGrantDto {
  @ApiProperty({
    enum: [
      'assigned',
      'signIn',
      'rule',
      'connection',
      'elevation',
      'provisioned',
      'reduced',
      'reducedBecause',
      'revoked',
      'revokedBecause',
    ],
  })
  kind!: string;

  @ApiProperty({ example: 'A sign-in through the connection okta, whose claims made the rule match.' })
  text!: string;

  @ApiProperty({ type: EvidenceEventDto })
  event!: EvidenceEventDto;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { connection: 'okta', matched: [{ claim: 'groups', values: ['crm-admins'] }] },
  })
  detail!: object;
}

/** A grant and the events that led to it, from the grant back to its roots. */
export class WhyDto {
  @ApiProperty({ type: GrantDto })
  grant!: GrantDto;

  @ApiProperty({ type: [ReasonForGrantDto] })
  because!: readonly ReasonForGrantDto[];
}

/** Which account, and which role it does not hold. */
export class WhyNotQueryDto {
  @ApiPropertyOptional({ example: 'acme' })
  @IsTenant()
  tenant?: string;

  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  account!: string;

  @ApiProperty({ example: 'crm.admin' })
  @IsId()
  role!: string;

  @IsMinPosition()
  minPosition?: string;
}

/** One reason why an account does not hold a role. */
export class WhyNotReasonDto {
  @ApiProperty({ enum: ['rule', 'withheld', 'sod', 'inactive', 'unknown'] })
  kind!: string;

  @ApiProperty({ type: String, nullable: true, example: 'okta/admins', description: 'connection/rule' })
  rule!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 2 })
  version!: number | null;

  @ApiProperty({ type: Boolean, nullable: true, description: 'At the last sign-in; null where it was not judged' })
  matched!: boolean | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  reviewItem!: string | null;

  @ApiProperty({ example: 'At the last sign-in: not a member of crm-admins.' })
  text!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The event that shows it' })
  event!: string | null;
}

/** Why an account does not hold a role; without reasons, it does. */
export class WhyNotDto {
  @ApiProperty({ format: 'uuid' })
  account!: string;

  @ApiProperty({ example: 'crm.admin' })
  role!: string;

  @ApiProperty({ type: [WhyNotReasonDto] })
  because!: readonly WhyNotReasonDto[];
}
