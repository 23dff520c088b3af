import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import { DELIVERY_CHANNELS, DELIVERY_FAILURES, REPORT_FORMATS, REPORT_KINDS } from '#libs/contracts';
import { fieldRule, IsId, IsText, IsUuid, PageQuery, readInstant } from '#libs/platform';
import { isDate, isTimeZone, type ReportFormatName } from '#libs/reports';
import { IsTenant } from '../reading/position.decorators.js';

/** As much of a department as a source may say. */
const DEPARTMENT_LENGTH_MAX = 8_192;

const STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

/** An instant, or a calendar day, which stands for its end. Anything else is `invalid-date`. */
export const IsMoment = (description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      example: '2026-03-31',
      description: `${description}. A bare date means the end of that day`,
    }),
    IsOptional(),
    Transform(({ value }) => readInstant(value) ?? value),
    fieldRule(
      'isMoment',
      (value) => isDate(value) || readInstant(value) !== null,
      'must be a day such as 2026-01-31, or an instant in UTC such as 2026-01-31T09:00:00Z',
      'invalid-date',
    ),
  );

/** One of a list of words. */
const IsOneOf = (words: readonly string[], code: string): PropertyDecorator =>
  fieldRule('isOneOf', (value) => words.includes(value as string), `must be one of ${words.join(', ')}`, code);

/** Narrows a report; which conditions a kind takes is said with its columns. Every one of them must hold. */
export class ReportFilterDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUuid()
  account?: string;

  @ApiPropertyOptional({ example: 'crm.admin' })
  @IsOptional()
  @IsId()
  role?: string;

  @ApiPropertyOptional({ example: 'crm' })
  @IsOptional()
  @IsId()
  application?: string;

  @ApiPropertyOptional({ example: 'okta' })
  @IsOptional()
  @IsId()
  connection?: string;

  @ApiPropertyOptional({ example: 'staff' })
  @IsOptional()
  @IsId()
  directory?: string;

  @ApiPropertyOptional({ example: 'Sales', description: 'Exactly as it was recorded; needs personal:read' })
  @IsOptional()
  @IsText({ max: DEPARTMENT_LENGTH_MAX })
  department?: string;

  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  @fieldRule('isTrueOrFalse', (value) => typeof value === 'boolean', 'must be true or false')
  privileged?: boolean;

  @ApiPropertyOptional({ format: 'uuid', description: 'An access review' })
  @IsOptional()
  @IsUuid()
  review?: string;

  @ApiPropertyOptional({ example: 'quarterly' })
  @IsOptional()
  @IsId()
  policy?: string;
}

/** A report to be made. */
export class NewReportDto {
  @ApiProperty({ enum: REPORT_KINDS, example: 'access' })
  @IsOneOf(REPORT_KINDS, 'unknown-report')
  kind!: string;

  @IsTenant()
  tenant?: string;

  @IsMoment('The instant asked about, of a period its end; now, if absent')
  asOf?: string;

  @IsMoment('Where a period begins, exclusive; the beginning of the log, if absent')
  from?: string;

  @IsMoment('Another word for asOf where the report is about a period')
  to?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    example: 4711,
    description: 'Later events of the sealed log are not taken into account; everything recorded so far is, if absent',
  })
  @IsOptional()
  @fieldRule(
    'isPosition',
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
    'must be a whole number, 0 or more',
    'invalid-position',
  )
  knownAt?: number;

  @ApiPropertyOptional({ example: 'Europe/Berlin', description: 'IANA name; the tenant’s own, if absent' })
  @IsOptional()
  @fieldRule('isTimeZone', isTimeZone, 'must be a time zone such as Europe/Berlin', 'unknown-time-zone')
  timeZone?: string;

  @ApiPropertyOptional({ type: ReportFilterDto })
  @IsOptional()
  @fieldRule('isOneFilter', (value) => !Array.isArray(value), 'must be an object, with a member for each condition')
  @ValidateNested()
  @Type(() => ReportFilterDto)
  filter?: ReportFilterDto;

  @ApiPropertyOptional({ enum: REPORT_FORMATS, isArray: true, default: ['csv'], example: ['csv', 'xlsx'] })
  @IsOptional()
  @fieldRule('areFormats', areFormats, `must name each format once: ${REPORT_FORMATS.join(', ')}`, 'invalid-formats')
  formats?: readonly ReportFormatName[];
}

function areFormats(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((format) => REPORT_FORMATS.includes(format)) && new Set(value).size === value.length;
}

/** Which reports. */
export class ReportsQueryDto extends PageQuery {
  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsOneOf(STATUSES, 'invalid-status')
  status?: (typeof STATUSES)[number];

  @ApiPropertyOptional({ enum: REPORT_KINDS })
  @IsOptional()
  @IsOneOf(REPORT_KINDS, 'unknown-report')
  kind?: string;

  @ApiPropertyOptional({ example: 'monthly-access', description: 'Only what this schedule asked for' })
  @IsOptional()
  @IsId()
  schedule?: string;

  @IsTenant()
  tenant?: string;
}

/** A report in an address. */
export class ReportParams {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  id!: string;
}

/** A file of a report in an address. */
export class ReportFileParams extends ReportParams {
  @ApiProperty({ example: 'access.csv' })
  @fieldRule(
    'isFileName',
    (value) => typeof value === 'string' && /^[a-z][a-z-]{0,40}\.(csv|xlsx|json|html)$/.test(value),
    'must be the name of a file of the report',
  )
  name!: string;
}

/** A report was asked for. */
export class ReportAcceptedDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;
}

/** A file of a report. */
export class ReportFileDto {
  @ApiProperty({ example: 'access.csv' })
  name!: string;

  @ApiProperty({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', description: 'Hex' })
  sha256!: string;

  @ApiProperty({ type: 'integer', example: 310_212 })
  bytes!: number;

  @ApiProperty({ example: '/api/v1/reports/3f0a7c52-9a64-5d0e-8f55-1c2b7e4d9a31/files/access.csv' })
  url!: string;
}

/** Why something could not be had. */
export class ReportFailureDto {
  @ApiProperty({ example: 'report-too-large' })
  code!: string;

  @ApiProperty({ example: 'The report has 10000000 rows or more, and xlsx holds at most 1048575.' })
  detail!: string;
}

/** A format that could not hold the report. */
export class RefusedFormatDto extends ReportFailureDto {
  @ApiProperty({ enum: REPORT_FORMATS })
  format!: string;
}

/** How a scheduled report reaches, or did not reach, one place. */
export class ReportDeliveryDto {
  @ApiProperty({ enum: DELIVERY_CHANNELS })
  channel!: string;

  @ApiProperty({ enum: ['queued', 'delivered', 'failed'] })
  state!: string;

  @ApiProperty({ type: 'integer', example: 1 })
  attempts!: number;

  @ApiProperty({ type: String, enum: DELIVERY_FAILURES, nullable: true, description: 'Why the last attempt failed' })
  code!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it arrived or was given up' })
  settledAt!: string | null;
}

/** A report: what was asked, how far it is, and what came of it. */
export class ReportDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ enum: REPORT_KINDS })
  kind!: string;

  @ApiProperty({ type: 'integer', example: 1, description: 'Of the kind: columns of one version never change' })
  version!: number;

  @ApiProperty({ enum: STATUSES })
  status!: string;

  @ApiProperty({ minimum: 0, maximum: 1, example: 0.42 })
  progress!: number;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Code of what keeps it from going on' })
  waitingFor!: string | null;

  @ApiProperty({ type: ReportFailureDto, nullable: true })
  failure!: ReportFailureDto | null;

  @ApiProperty({ format: 'date-time', description: 'The instant that it is about; of a period its end, inclusive' })
  asOf!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Where the period begins, exclusive' })
  from!: string | null;

  @ApiProperty({ type: 'integer', example: 4711 })
  knownAt!: number;

  @ApiProperty({ example: 'Europe/Berlin' })
  timeZone!: string;

  @ApiProperty({ type: PartialType(ReportFilterDto) })
  filter!: object;

  @ApiProperty({ enum: REPORT_FORMATS, isArray: true })
  formats!: readonly string[];

  @ApiProperty({ description: 'Whether it shows personal data' })
  personal!: boolean;

  @ApiProperty({ type: 'integer', description: 'So far' })
  rows!: number;

  @ApiProperty({ example: 'account:0b0f4c6e-8c53-5d5f-9a55-0a6a1d1c2b3a', description: 'kind:id' })
  requestedBy!: string;

  @ApiProperty({ format: 'date-time' })
  requestedAt!: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The schedule that asked for it' })
  schedule!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Which time of the schedule it is' })
  scheduledFor!: string | null;

  @ApiProperty({ type: [ReportDeliveryDto], description: 'How it reaches people beside the API' })
  delivery!: readonly ReportDeliveryDto[];

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  startedAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Until when its files are kept' })
  expiresAt!: string | null;

  @ApiProperty({ description: 'Its files are not kept any longer; asked again, they will be the same' })
  filesExpired!: boolean;

  @ApiProperty({ type: [ReportFileDto], description: 'In the order of the formats, then the evidence sheet' })
  files!: readonly ReportFileDto[];

  @ApiProperty({ type: ReportFileDto, nullable: true, description: 'The evidence sheet as a page for people' })
  sheet!: ReportFileDto | null;

  @ApiProperty({ type: [RefusedFormatDto], description: 'Formats that could not hold it' })
  refusedFormats!: readonly RefusedFormatDto[];

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'The evidence sheet: what the report covers, and whether anything is wrong with it',
    example: { rows: 1204, gaps: 0, positions: { from: 0, through: 4711 }, complete: true },
  })
  evidence!: object | null;
}

/** Reports, the newest first. */
export class ReportsDto {
  @ApiProperty({ type: [ReportDto] })
  items!: readonly ReportDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;

  @ApiProperty({ type: 'integer', example: 42, description: 'What the read model has taken in' })
  position!: number;
}
