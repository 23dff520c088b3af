import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsId, IsInstant, IsReason, IsText, IsUuid } from '#libs/platform';
import { InNameOfDto, ListEndDto, ListQuery } from '../questions.dto.js';

const STATUSES = ['open', 'ended'] as const;

/** Longest text that says what makes up for a conflict, in characters. */
const CONTROL = { max: 1000 } as const;
/** Longest name of a person, in characters. */
const PRINCIPAL = { max: 1024 } as const;

const nullable = (example: string | null) => ({ type: String, nullable: true, example }) as const;

/** Which exceptions to list. */
export class SodExceptionListQuery extends ListQuery {
  @ApiPropertyOptional({ example: 'maker-checker' })
  @IsOptional()
  @IsId()
  policy?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUuid()
  account?: string;

  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  status?: (typeof STATUSES)[number];
}

/** Why, and in whose name. */
export class EndSodExceptionDto extends InNameOfDto {
  @ApiProperty({ example: 'Payments has two people again', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** Lets an account hold conflicting roles for a time. */
export class NewSodExceptionDto extends EndSodExceptionDto {
  @ApiProperty({ example: 'maker-checker' })
  @IsId()
  policy!: string;

  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  account!: string;

  @ApiProperty({
    example: 'cfo@acme.example',
    description: 'Who answers for it: userName or verified e-mail address of somebody else',
  })
  @IsText(PRINCIPAL)
  owner!: string;

  @ApiProperty({ example: 'The CFO reads every payment over 1,000 EUR the same day', maxLength: 1000 })
  @IsText(CONTROL)
  control!: string;

  @ApiProperty({ format: 'date-time', description: 'Exclusive end, at most 366 days ahead' })
  @IsInstant()
  until!: string;
}

/** An exception from a policy of segregation of duties. */
export class SodExceptionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'maker-checker' })
  policy!: string;

  @ApiProperty({ format: 'uuid' })
  account!: string;

  @ApiProperty({ example: 'cfo@acme.example', description: '[withheld] without personal:read' })
  owner!: string;

  @ApiProperty({ example: 'The CFO reads every payment the same day', description: '[withheld] without personal:read' })
  control!: string;

  @ApiProperty({ example: 'Holiday cover', description: '[withheld] without personal:read' })
  reason!: string;

  @ApiProperty({ format: 'date-time' })
  until!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ ...nullable(null), format: 'uuid', description: 'The account that granted it; null for a key' })
  grantedBy!: string | null;

  @ApiProperty({ format: 'date-time' })
  grantedAt!: string;

  @ApiProperty({ ...nullable(null), format: 'date-time' })
  endedAt!: string | null;

  @ApiProperty({ ...nullable(null), enum: ['time-over', 'by-hand'] })
  endedCode!: string | null;
}

/** A page of exceptions. */
export class SodExceptionListDto extends ListEndDto {
  @ApiProperty({ type: [SodExceptionDto] })
  items!: readonly SodExceptionDto[];
}

/** What a change came to. */
export class SodExceptionWrittenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}
