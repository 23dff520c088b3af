import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, ValidateIf } from 'class-validator';
import { isDuration } from '#libs/configuration';
import { fieldRule, IsId, IsReason, IsText } from '#libs/platform';
import { RoleDto } from '../catalog/catalog.dto.js';
import { Emergency } from './connections.dto.js';

const RISKS = ['low', 'medium', 'high'] as const;

const IsDuration = () =>
  fieldRule(
    'isDuration',
    (value) => typeof value === 'string' && isDuration(value),
    'must be an ISO-8601 duration of weeks, days, hours, minutes or seconds, such as PT8H',
  );

/** A new entitlement of the catalogue. */
export class NewRoleDto {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;

  @ApiProperty({ example: 'crm.admin', description: 'Does not begin with gatebook.' })
  @IsId()
  id!: string;

  @ApiProperty({ example: 'crm' })
  @IsId()
  application!: string;

  @ApiProperty({ example: 'CRM administrator' })
  @IsText({ max: 200 })
  name!: string;

  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  privileged?: boolean;

  @ApiPropertyOptional({ enum: RISKS, default: 'low' })
  @IsOptional()
  @IsIn(RISKS)
  risk?: (typeof RISKS)[number];

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'PT8H',
    description: 'Longest life of a grant by hand',
  })
  @ValidateIf(({ maxDuration }: NewRoleDto) => maxDuration !== undefined && maxDuration !== null)
  @IsDuration()
  maxDuration?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'ada@acme.example',
    description: 'Who answers for it: a userName or a verified e-mail address, looked up when needed',
  })
  @ValidateIf(({ owner }: NewRoleDto) => owner !== undefined && owner !== null)
  @IsText({ max: 320 })
  owner?: string | null;

  @Emergency()
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;

  @ApiProperty({ example: 'The CRM has a new module' })
  @IsReason()
  reason!: string;
}

/** A change of a role; what is left out stays. */
export class ChangedRoleDto extends PartialType(
  PickType(NewRoleDto, ['application', 'name', 'privileged', 'risk', 'maxDuration', 'owner'] as const),
) {
  @ApiPropertyOptional({
    default: false,
    description: 'Takes the role out of the care of the configuration file, which would otherwise be 409',
  })
  @IsOptional()
  @IsBoolean()
  detach?: boolean;

  @Emergency()
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;

  @ApiProperty({ example: 'It was found to be riskier' })
  @IsReason()
  reason!: string;
}

/** A role as just written. */
export class RoleWrittenDto extends RoleDto {
  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}
