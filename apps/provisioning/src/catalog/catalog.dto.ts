import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsId, PageQuery } from '#libs/platform';

/** A list of one tenant's connections or roles. */
export class CatalogQuery extends PageQuery {
  @ApiPropertyOptional({
    example: 'acme',
    description: 'Needed by an installation key where there are several tenants',
  })
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** Names the tenant of one role, where an installation key could mean several. */
export class OneOfTenantQuery {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** A connection or a role in an address. */
export class CatalogParams {
  @ApiProperty({ example: 'okta' })
  @IsId()
  id!: string;
}

/** Where an identity provider finds Gatebook as the service provider of a connection. */
export class ServiceProviderDto {
  @ApiProperty({ example: 'https://gatebook.acme.example/saml/okta/metadata' })
  entityId!: string;

  @ApiProperty({ example: 'https://gatebook.acme.example/saml/okta/acs' })
  acsUrl!: string;

  @ApiProperty({ example: 'https://gatebook.acme.example/saml/okta/metadata' })
  metadataUrl!: string;
}

/** A source of identities. */
export class ConnectionDto {
  @ApiProperty({ example: 'okta' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ enum: ['present', 'removed'] })
  status!: string;

  @ApiProperty({ description: 'Whether it admits people' })
  enabled!: boolean;

  @ApiProperty({ example: 3, description: 'Rises by one with every change of settings' })
  version!: number;

  @ApiProperty({ enum: ['config', 'api'] })
  managedBy!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'As in the configuration, defaults filled in; each rule with its version',
    example: { protocol: 'saml', directory: 'staff', domains: ['acme.example'], rules: [] },
  })
  settings!: object;

  @ApiProperty({ type: ServiceProviderDto, nullable: true, description: 'null for what is not SAML' })
  serviceProvider!: ServiceProviderDto | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'https://gatebook.acme.example/login/okta/callback',
    description: 'What OpenID Connect and OAuth 2.0 providers ask for; null for other protocols',
  })
  redirectUri!: string | null;

  @ApiProperty({ type: [String], example: ['acme.example'], description: 'Domains that it may vouch for' })
  ownedDomains!: readonly string[];

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: null,
    description: 'Why its metadata cannot be read or believed at present',
  })
  metadataRefusal!: object | null;
}

/** A page of connections. */
export class ConnectionPageDto {
  @ApiProperty({ type: [ConnectionDto] })
  items!: readonly ConnectionDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;

  @ApiProperty({ example: 42, description: 'Everything sealed up to this position is taken into account' })
  position!: number;
}

/** An entitlement of the catalogue. */
export class RoleDto {
  @ApiProperty({ example: 'crm.admin' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ enum: ['live', 'retired'] })
  status!: string;

  @ApiProperty({ example: 'crm' })
  application!: string;

  @ApiProperty({ example: 'CRM administrator' })
  name!: string;

  @ApiProperty()
  privileged!: boolean;

  @ApiProperty({ enum: ['low', 'medium', 'high'] })
  risk!: string;

  @ApiProperty({ type: String, nullable: true, example: 'PT8H' })
  maxDuration!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'ada@acme.example', description: 'Needs personal:read' })
  owner!: string | null;

  @ApiProperty({ enum: ['config', 'api'] })
  managedBy!: string;
}

/** A page of roles. */
export class RolePageDto {
  @ApiProperty({ type: [RoleDto] })
  items!: readonly RoleDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;

  @ApiProperty({ example: 42, description: 'Everything sealed up to this position is taken into account' })
  position!: number;
}
