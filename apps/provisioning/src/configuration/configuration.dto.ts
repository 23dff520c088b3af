import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsReason, IsText } from '#libs/platform';

/** Longest configuration through the API, in characters; the body as a whole is limited to 256 kB. */
const YAML_LENGTH_MAX = 256 * 1024;

const EXAMPLE = `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles:
      - { id: crm.reader, application: crm, name: CRM reader }
`;

/** A configuration to apply, or to look at first. */
export class ApplyConfigurationDto {
  @ApiProperty({
    example: EXAMPLE,
    description: 'The whole configuration, as YAML or JSON. file: and env: references are not resolved here.',
    maxLength: YAML_LENGTH_MAX,
  })
  @IsText({ max: YAML_LENGTH_MAX, multiline: true })
  yaml!: string;

  @ApiPropertyOptional({
    default: false,
    description:
      'Remove what the configuration no longer names, for good. Without it, absent connections are disabled.',
  })
  @IsOptional()
  @IsBoolean()
  prune?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Answer what would change and change nothing' })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  @ApiPropertyOptional({
    example: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    description: 'What the dry run asked to confirm',
  })
  @IsOptional()
  @IsText({ max: 64 })
  confirm?: string;

  @ApiProperty({ example: 'Opens the CRM to sales', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** One difference between a configuration and what holds. */
export class ConfigurationChangeDto {
  @ApiProperty({ enum: ['create', 'change', 'enable', 'disable', 'remove'] })
  action!: string;

  @ApiProperty({ enum: ['tenant', 'role', 'connection', 'client', 'policy'] })
  kind!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ example: 'crm.reader' })
  id!: string;

  @ApiProperty({ type: [String], example: ['risk'], description: 'Names of the settings that change' })
  changed!: readonly string[];
}

/** Grants that a configuration would end. */
export class ConfigurationLossDto {
  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ type: String, nullable: true, example: 'okta', description: 'null: grants by hand of retired roles' })
  connection!: string | null;

  @ApiProperty({ example: 3, description: 'Grants that would end' })
  losing!: number;

  @ApiProperty({ example: 120, description: 'Grants that stand now' })
  of!: number;

  @ApiProperty({ example: 10, description: 'Above this share, in percent, the change must be confirmed' })
  limitPercent!: number;
}

/** What applying a configuration did, or would do. */
export class ConfigurationOutcomeDto {
  @ApiProperty({ type: [ConfigurationChangeDto], description: 'Empty also when this request was carried out before' })
  changes!: readonly ConfigurationChangeDto[];

  @ApiProperty({ type: [ConfigurationLossDto] })
  losses!: readonly ConfigurationLossDto[];

  @ApiProperty({
    type: [String],
    description:
      'What follows beyond the loss of grants, such as people who are not recognised or roles that would be kept apart; must be confirmed',
  })
  warnings!: readonly string[];

  @ApiProperty({ type: [String], description: 'What may not be expected; nothing to confirm' })
  remarks!: readonly string[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What an apply must bring along; null: nothing to confirm',
  })
  confirm!: string | null;

  @ApiProperty({ description: 'Whether it was applied: false for a dry run' })
  applied!: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'cDE6NDI',
    description: 'Pass it as minPosition to read the changes back; null for a dry run',
  })
  positionToken!: string | null;
}

/** Which configuration is in force. */
export class ConfigurationDto {
  @ApiProperty({ type: String, nullable: true, description: 'SHA-256 of the configuration that was applied last' })
  appliedHash!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'SHA-256 of one that was not applied and waits' })
  heldHash!: string | null;
}
