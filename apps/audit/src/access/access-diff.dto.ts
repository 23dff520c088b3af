import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsId } from '#libs/platform';
import { accessChangesReport, type Cell, type CellType } from '#libs/reports';
import { IsMoment } from '../reports/reports.dto.js';
import { HoldingsQuery } from './access.dto.js';

/** Between which instants, and whose. */
export class AccessDiffQueryDto extends HoldingsQuery {
  @IsMoment('Where the period begins, exclusive; the beginning of the log, if absent')
  from?: string;

  @IsMoment('Where the period ends, inclusive; now, if absent')
  to?: string;

  @ApiPropertyOptional({ example: 'crm', description: 'Only roles of this application' })
  @IsOptional()
  @IsId()
  application?: string;

  @ApiPropertyOptional({ example: 'okta', description: 'Only grants by this connection' })
  @IsOptional()
  @IsId()
  connection?: string;
}

/** A change of access: the columns of the report `access-changes`, by their names. */
export class AccessChangeDto {
  readonly [column: string]: Cell;
}

const OPEN_API: Readonly<Record<CellType, ApiPropertyOptions>> = {
  text: { type: String },
  integer: { type: 'integer' },
  decimal: { type: Number },
  boolean: { type: Boolean },
  instant: { type: String, format: 'date-time' },
  list: { type: [String] },
};

for (const { name, type, means } of accessChangesReport.columns)
  ApiProperty({ ...OPEN_API[type], nullable: true, description: means } as ApiPropertyOptions)(
    AccessChangeDto.prototype,
    name,
  );

/** What changed between two instants, as known at a position. */
export class AccessDiffDto {
  @ApiProperty({
    type: [AccessChangeDto],
    description:
      'Grant by grant in the order in which they were given. A page may hold fewer than `limit`, or none, and still be followed by another',
  })
  items!: readonly AccessChangeDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  from!: string | null;

  @ApiProperty({ format: 'date-time' })
  to!: string;

  @ApiProperty({ type: 'integer', example: 42 })
  knownAt!: number;

  @ApiProperty({ type: 'integer', example: 42, description: 'What the read model has taken in' })
  position!: number;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Present, and true, when facts could not be taken in: the answer may be incomplete',
  })
  degraded?: true;
}
