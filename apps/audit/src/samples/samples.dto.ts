import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { fieldRule, IsText } from '#libs/platform';
import { SAMPLE_FORMATS, SAMPLE_SIZE_MAX, type SampleFormat, SEED_LENGTH_MAX } from '#libs/reports';

/** How to draw a sample. */
export class SampleQueryDto {
  @ApiProperty({
    example: '2026-Q1',
    maxLength: SEED_LENGTH_MAX,
    description: 'Any text; the same one draws the same rows',
  })
  @IsText({ max: SEED_LENGTH_MAX })
  seed!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: SAMPLE_SIZE_MAX, example: 25 })
  @Transform(({ value }) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value))
  @fieldRule('isSampleSize', isSize, `must be a whole number from 1 to ${SAMPLE_SIZE_MAX}`)
  size!: number;

  @ApiPropertyOptional({ enum: SAMPLE_FORMATS, default: 'html' })
  @IsOptional()
  @fieldRule(
    'isSampleFormat',
    (value) => SAMPLE_FORMATS.includes(value as SampleFormat),
    `must be one of ${SAMPLE_FORMATS.join(', ')}`,
  )
  format: SampleFormat = 'html';
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= SAMPLE_SIZE_MAX;
}
