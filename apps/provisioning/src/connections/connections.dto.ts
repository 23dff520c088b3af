import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsObject, IsOptional } from 'class-validator';
import { IsId, IsReason, IsText } from '#libs/platform';
import { ConnectionDto } from '../catalog/catalog.dto.js';
import { ConfigurationChangeDto, ConfigurationLossDto } from '../configuration/configuration.dto.js';

const SETTINGS_EXAMPLE = {
  protocol: 'oidc',
  preset: 'okta-oidc',
  directory: 'staff',
  domains: ['acme.example'],
  oidc: { issuer: 'https://acme.okta.com', clientId: '0oa1abcd', clientSecret: '…' },
  rules: [{ id: 'everyone', when: 'always', grant: ['crm.reader'] }],
};

const Confirm = () =>
  ApiPropertyOptional({
    example: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    description: 'What the answer 409 confirmation-required, or the dry run, asked to confirm',
  });

const EMERGENCY = 'Make the change at once although it should wait for a second person; it is reviewed afterwards';

/** Says that a change must not wait. */
export const Emergency = () => ApiPropertyOptional({ default: false, description: EMERGENCY });

/** A new source of identities. */
export class NewConnectionDto {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;

  @ApiProperty({ example: 'okta', description: 'Unique in the installation; part of the connection’s addresses' })
  @IsId()
  id!: string;

  @ApiPropertyOptional({ default: false, description: 'Whether it admits people at once' })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: SETTINGS_EXAMPLE,
    description:
      'As in the configuration, without id and enabled. Secrets are stored and never shown again. domainOwnership is dns unless a key of the installation says operator.',
  })
  @IsObject()
  settings!: Record<string, unknown>;

  @Emergency()
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;

  @ApiProperty({ example: 'Staff sign in by Okta' })
  @IsReason()
  reason!: string;
}

/** A change of a connection. */
export class ChangedConnectionDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { jit: { create: true }, displayName: null },
    description: 'A merge patch (RFC 7396) over the settings: null takes a key out, lists are replaced as a whole',
  })
  @IsObject()
  settings!: Record<string, unknown>;

  @ApiPropertyOptional({
    default: false,
    description: 'Takes the connection out of the care of the configuration file, which would otherwise be 409',
  })
  @IsOptional()
  @IsBoolean()
  detach?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Answer what would change and be lost, and change nothing' })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  @Confirm()
  @IsOptional()
  @IsText({ max: 64 })
  confirm?: string;

  @Emergency()
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;

  @ApiProperty({ example: 'Opens the CRM to sales' })
  @IsReason()
  reason!: string;
}

/** Why a connection is switched on or off. */
export class SwitchConnectionDto {
  @Emergency()
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;

  @ApiProperty({ example: 'The rules were looked at' })
  @IsReason()
  reason!: string;
}

/** Removes something for good; in the query, because a DELETE has no body. */
export class RemovalQuery {
  @ApiProperty({ example: 'The customer has left' })
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

/** The same, of something whose id is not unique in the installation. */
export class RoleRemovalQuery extends RemovalQuery {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** A connection as just written. */
export class ConnectionWrittenDto extends ConnectionDto {
  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}

/** What a change would come to. */
export class ConsequencesDto {
  @ApiProperty({ type: [ConfigurationChangeDto] })
  changes!: readonly ConfigurationChangeDto[];

  @ApiProperty({ type: [ConfigurationLossDto] })
  losses!: readonly ConfigurationLossDto[];

  @ApiProperty({ type: [String] })
  warnings!: readonly string[];

  @ApiProperty({ type: [String], description: 'What may not be expected; nothing to confirm' })
  remarks!: readonly string[];

  @ApiProperty({ type: String, nullable: true, description: 'What the change must bring along; null: nothing' })
  confirm!: string | null;
}

/** One thing that was looked at. */
export class CheckDto {
  @ApiProperty({ example: 'discovery' })
  check!: string;

  @ApiProperty()
  passed!: boolean;

  @ApiProperty({ example: 'The provider at https://acme.okta.com answers and calls itself that.' })
  detail!: string;
}

/** What a test of a connection found. */
export class ConnectionTestDto {
  @ApiProperty({ description: 'Whether every check passed' })
  passed!: boolean;

  @ApiProperty({ type: [CheckDto] })
  checks!: readonly CheckDto[];
}

/** A domain of a connection. */
export class ConnectionDomainDto {
  @ApiProperty({ example: 'acme.example' })
  domain!: string;

  @ApiProperty({ description: 'Whether the connection may vouch for people of this domain' })
  owned!: boolean;

  @ApiProperty({ enum: ['operator', 'dns'] })
  ownership!: string;

  @ApiProperty({ example: '_gatebook-challenge.acme.example', description: 'Name of the TXT record that shows it' })
  recordName!: string;

  @ApiProperty({ example: 'gatebook-domain-verification=2c26b46b…', description: 'What the record must say' })
  recordValue!: string;
}

/** Domains of a connection. */
export class ConnectionDomainListDto {
  @ApiProperty({ type: [ConnectionDomainDto] })
  items!: readonly ConnectionDomainDto[];
}

/** What a look at the DNS came to. */
export class DomainProofDto {
  @ApiProperty({ example: 'acme.example' })
  domain!: string;

  @ApiProperty({ enum: ['proven', 'missing', 'failed'] })
  result!: string;

  @ApiProperty({ example: 'The record _gatebook-challenge.acme.example says what it should.' })
  reason!: string;

  @ApiProperty({ type: String, nullable: true, example: 'cDE6NDI' })
  positionToken!: string | null;
}
