import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, ValidateNested } from 'class-validator';
import { USAGE_ENTRIES_MAX } from '#libs/domain';
import { IsId, IsInstant, IsUuid } from '#libs/platform';

/** One use of an application. */
export class UsageEntryDto {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  account!: string;

  @ApiProperty({ example: 'crm' })
  @IsId()
  application!: string;

  @ApiPropertyOptional({ example: 'crm.reader', description: 'Where the source can tell which role was used' })
  @IsOptional()
  @IsId()
  role?: string;

  @ApiProperty({ format: 'date-time', description: 'At most 400 days back; kept to the day' })
  @IsInstant()
  usedAt!: string;
}

/** What a source knows of use. */
export class UsageDto {
  @ApiPropertyOptional({
    example: 'acme',
    description: 'Needed by an installation key where there are several tenants',
  })
  @IsOptional()
  @IsId()
  tenant?: string;

  @ApiProperty({ example: 'crm-gateway', description: 'Who tells it; the same name each time' })
  @IsId()
  source!: string;

  @ApiProperty({ type: [UsageEntryDto], minItems: 1, maxItems: USAGE_ENTRIES_MAX })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(USAGE_ENTRIES_MAX)
  @ValidateNested({ each: true })
  @Type(() => UsageEntryDto)
  entries!: UsageEntryDto[];
}

/** That a report was taken. */
export class UsageTakenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer', example: 2 })
  entries!: number;

  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}
