import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IsText } from '#libs/platform';

/** Most projections that one request names. */
const PROJECTIONS_NAMED_MAX = 50;

/** Longest name of a projection. */
const NAME_LENGTH_MAX = 64;

/** Where one projection stands. */
export class ProjectionStandingDto {
  @ApiProperty({ example: 'grants' })
  projection!: string;

  @ApiProperty({ example: 4711, description: 'Position up to which it has everything' })
  position!: number;

  @ApiProperty({ example: 0, description: 'Sealed events that lie beyond' })
  events!: number;

  @ApiProperty({ example: 0, description: 'Age of the oldest of them, in seconds' })
  seconds!: number;

  @ApiProperty({ example: 0 })
  parkedStreams!: number;
}

/** Every projection. */
export class ProjectionsDto {
  @ApiProperty({ type: [ProjectionStandingDto] })
  projections!: readonly ProjectionStandingDto[];
}

/** Which projections; none for all. */
export class NamedProjectionsDto {
  @ApiPropertyOptional({ type: [String], example: ['grants'], description: 'None for all' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(PROJECTIONS_NAMED_MAX)
  @IsString({ each: true })
  @MaxLength(NAME_LENGTH_MAX, { each: true })
  projections?: string[];
}

/** Long work to begin. */
export class BeginJobDto extends NamedProjectionsDto {
  @ApiProperty({ enum: ['rebuild', 'verify'] })
  @IsIn(['rebuild', 'verify'])
  kind!: 'rebuild' | 'verify';
}

/** What a rebuild would do. */
export class RebuildPlanDto {
  @ApiProperty({ example: 'grants' })
  projection!: string;

  @ApiProperty({ example: 1 })
  version!: number;

  @ApiProperty({ example: 4712, description: 'Events that it would read at most' })
  events!: number;

  @ApiProperty({ example: 1 })
  estimatedSeconds!: number;

  @ApiProperty({ example: 1_500_000, description: 'Disk that it needs until the old tables are gone' })
  bytes!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Where an interrupted rebuild goes on' })
  interruptedAt!: number | null;
}

/** What rebuilds would do. */
export class RebuildPlansDto {
  @ApiProperty({ type: [RebuildPlanDto] })
  plans!: readonly RebuildPlanDto[];
}

/** How one live table differed from what the log says. */
export class TableDifferencesDto {
  @ApiProperty({ example: 'read_model.grants_v1' })
  table!: string;

  @ApiProperty({ example: 1200 })
  rows!: number;

  @ApiProperty({ example: 0 })
  missing!: number;

  @ApiProperty({ example: 0 })
  surplus!: number;

  @ApiProperty({ example: 0 })
  changed!: number;

  @ApiProperty({ type: [String], description: 'Keys of the first 20 such rows; no personal data' })
  keys!: readonly string[];
}

/** Streams that wait. */
export class ParkedCountsDto {
  @ApiProperty({ example: 0 })
  live!: number;

  @ApiProperty({ example: 0 })
  rebuilt!: number;
}

/** What rebuilding or verifying one projection came to. */
export class RebuildOutcomeDto {
  @ApiProperty({ example: 'grants' })
  projection!: string;

  @ApiProperty({ example: 1 })
  version!: number;

  @ApiProperty({ example: 4711 })
  position!: number;

  @ApiProperty({ description: 'SHA-256 over what was rebuilt' })
  digest!: string;

  @ApiProperty({ example: 2350 })
  durationMs!: number;

  @ApiProperty()
  resumed!: boolean;

  @ApiProperty({ type: [TableDifferencesDto] })
  differences!: readonly TableDifferencesDto[];

  @ApiProperty({ type: ParkedCountsDto })
  parked!: ParkedCountsDto;
}

/** How far a job is. */
export class JobProgressDto {
  @ApiProperty({ example: 'grants' })
  projection!: string;

  @ApiProperty({ enum: ['filling', 'indexing', 'comparing', 'switching'] })
  phase!: string;

  @ApiProperty({ example: 1200 })
  position!: number;

  @ApiProperty({ example: 4712 })
  of!: number;
}

/** Why a job failed. */
export class JobErrorDto {
  @ApiProperty({ example: 'rebuild-under-way' })
  code!: string;

  @ApiProperty()
  message!: string;
}

/** Long work on projections. */
export class JobDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['rebuild', 'verify'] })
  kind!: string;

  @ApiProperty({ enum: ['running', 'done', 'failed'] })
  state!: string;

  @ApiProperty({ type: JobProgressDto, nullable: true })
  progress!: JobProgressDto | null;

  @ApiProperty({ type: [RebuildOutcomeDto], nullable: true, description: 'Once it is done' })
  outcomes!: readonly RebuildOutcomeDto[] | null;

  @ApiProperty({ type: JobErrorDto, nullable: true, description: 'Once it has failed' })
  error!: JobErrorDto | null;
}

/** Which parked streams; without conditions, all. */
export class ParkedQueryDto {
  @ApiPropertyOptional({ example: 'grants' })
  @IsOptional()
  @IsText({ max: NAME_LENGTH_MAX })
  projection?: string;

  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsText({ max: NAME_LENGTH_MAX })
  tenant?: string;
}

/** A stream that waits for a projection. */
export class ParkedStreamDto {
  @ApiProperty({ example: 'grants' })
  projection!: string;

  @ApiProperty({ example: 1 })
  version!: number;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ example: 'account-acme+6f1c5b0e-93a1-4b1c-8a9b-2f6f3f0a7d11' })
  stream!: string;

  @ApiProperty({ example: 4711, description: 'Of the first event that was not taken' })
  position!: number;

  @ApiProperty({ example: 3 })
  revision!: number;

  @ApiProperty({ example: 'RolesAssigned' })
  type!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Name of its error' })
  problem!: string | null;

  @ApiProperty({ example: 2, description: 'How many events wait' })
  events!: number;
}

/** What is parked. */
export class ParkedStreamsDto {
  @ApiProperty({ type: [ParkedStreamDto], description: 'At most 1,000' })
  streams!: readonly ParkedStreamDto[];
}

/** What trying again came to. */
export class ReplayOutcomeDto {
  @ApiProperty({ example: 2, description: 'Events that were taken' })
  taken!: number;

  @ApiProperty({ type: [ParkedStreamDto], description: 'What still waits, at most 1,000' })
  waiting!: readonly ParkedStreamDto[];
}

/** Publishing to Kafka again. */
export class RepublishDto {
  @ApiProperty({ example: -1, description: 'Position of the last event that the topic surely has; -1 for none' })
  @IsInt()
  @Min(-1)
  @Max(Number.MAX_SAFE_INTEGER)
  after!: number;

  @ApiPropertyOptional({ default: false, description: 'Answer how many events it would be and change nothing' })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}

/** What is published again. */
export class RepublishedDto {
  @ApiProperty({ example: 'gatebook.events.v1' })
  topic!: string;

  @ApiProperty({ example: -1 })
  after!: number;

  @ApiProperty({ example: 4712 })
  events!: number;
}
