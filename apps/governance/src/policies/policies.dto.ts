import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsObject, IsOptional } from 'class-validator';
import { WATCHED_KINDS } from '#libs/contracts';
import { IsReason, IsText } from '#libs/platform';
import { ListEndDto, ListQuery, TenantQuery } from '../questions.dto.js';

/** One word per kind, here as everywhere. */
const KINDS = ['review', 'sod', 'elevation', 'conformance', ...WATCHED_KINDS] as const;

const SETTINGS_EXAMPLE = {
  kind: 'sod',
  roles: [['pay.create'], ['pay.approve']],
  mode: 'detective',
  owner: 'ciso@acme.example',
};

const EMERGENCY = 'Make the change at once although it should wait for a second person; it is reviewed afterwards';

const Confirm = () =>
  ApiPropertyOptional({
    example: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    description: 'What the answer 409 confirmation-required, or the dry run, asked to confirm',
  });

/** A list of one tenant's policies. */
export class PolicyListQuery extends ListQuery {
  @ApiPropertyOptional({ enum: KINDS })
  @IsOptional()
  @IsIn(KINDS)
  kind?: string;
}

/** A policy as it should be. */
export class WantedPolicyDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: SETTINGS_EXAMPLE,
    description: 'As in the configuration, without id and enabled; short forms and defaults are written out',
  })
  @IsObject()
  settings!: Record<string, unknown>;

  @ApiPropertyOptional({ description: 'Whether it is in force. Left out: a new one is, another stays as it is' })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    default: false,
    description: 'Takes the policy out of the care of the configuration file, which would otherwise be 409',
  })
  @IsOptional()
  @IsBoolean()
  detach?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Answer what would follow, and change nothing' })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  @Confirm()
  @IsOptional()
  @IsText({ max: 64 })
  confirm?: string;

  @ApiPropertyOptional({ default: false, description: EMERGENCY })
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;

  @ApiProperty({ example: 'The auditor asked for it', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** Removes a policy; in the query, because a DELETE has no body. */
export class PolicyRemovalQuery extends TenantQuery {
  @ApiProperty({ example: 'Replaced by another one', maxLength: 1000 })
  @IsReason()
  reason!: string;

  @ApiPropertyOptional({ enum: ['true', 'false'], description: EMERGENCY })
  @IsOptional()
  @IsIn(['true', 'false'])
  emergency?: 'true' | 'false';

  @Confirm()
  @IsOptional()
  @IsText({ max: 64 })
  confirm?: string;
}

/** A policy of a tenant. */
export class PolicyDto {
  @ApiProperty({ example: 'maker-checker' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ enum: KINDS })
  kind!: string;

  @ApiProperty({ enum: ['present', 'removed'] })
  status!: string;

  @ApiProperty({ description: 'Whether it is in force' })
  enabled!: boolean;

  @ApiProperty({ example: 3, description: 'Rises by one with every change of settings; for If-Match' })
  version!: number;

  @ApiProperty({ enum: ['config', 'api'] })
  managedBy!: string;

  @ApiProperty({ format: 'date-time', description: 'When it last changed, was switched or removed' })
  since!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: SETTINGS_EXAMPLE,
    description: 'As in the configuration, defaults filled in; whom it names needs personal:read',
  })
  settings!: object;
}

/** A page of policies, by id. */
export class PolicyPageDto extends ListEndDto {
  @ApiProperty({ type: [PolicyDto] })
  items!: readonly PolicyDto[];
}

/** A policy as just written. */
export class PolicyWrittenDto extends PolicyDto {
  @ApiProperty({ description: 'Pass it as minPosition to read what follows from this write', example: 'cDE6NDI' })
  positionToken!: string;
}

/** What happens to a policy. */
export class PolicyChangeDto {
  @ApiProperty({ enum: ['create', 'change', 'enable', 'disable', 'remove'] })
  action!: string;

  @ApiProperty({ enum: ['policy'] })
  kind!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ example: 'maker-checker' })
  id!: string;

  @ApiProperty({ type: [String], example: ['mode'], description: 'Names of the settings that change' })
  changed!: readonly string[];
}

/** What a change of a policy would come to. */
export class PolicyConsequencesDto {
  @ApiProperty({ type: [PolicyChangeDto], description: 'Empty when it says what holds already' })
  changes!: readonly PolicyChangeDto[];

  @ApiProperty({ type: [String], description: 'What follows for today’s people; to be confirmed' })
  warnings!: readonly string[];

  @ApiProperty({ type: [String], description: 'What may not be expected; nothing to confirm' })
  remarks!: readonly string[];

  @ApiProperty({ type: String, nullable: true, description: 'What the change must bring along; null: nothing' })
  confirm!: string | null;
}
