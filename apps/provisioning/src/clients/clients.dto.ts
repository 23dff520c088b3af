import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional } from 'class-validator';
import { isApplicationUrl } from '#libs/configuration';
import { fieldRule, IsId, IsReason, IsText } from '#libs/platform';

const URLS_MAX = 20;
const NAMES_MAX = 100;
const CONTEXTS_MAX = 20;
const METHODS = ['client_secret_basic', 'client_secret_post', 'none'] as const;

const URL_RULE = 'must be an https address without fragment, user or wildcard (http only on this machine)';

const isUrl = (value: unknown): boolean => typeof value === 'string' && isApplicationUrl(value);

const AreApplicationUrls = () =>
  fieldRule(
    'areApplicationUrls',
    (value) => Array.isArray(value) && value.every(isUrl),
    `must each be such that it ${URL_RULE}`,
  );

const AreTexts = (max: number, test: (text: string) => boolean, message: string) =>
  fieldRule(
    'areTexts',
    (value) =>
      Array.isArray(value) && value.every((item) => typeof item === 'string' && item.length <= max && test(item)),
    message,
  );

const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const AreIds = () => AreTexts(63, (text) => ID.test(text), 'must each be an id');

/** What a client may be told to be. */
export class ClientSettingsDto {
  @ApiPropertyOptional({ example: 'The CRM', description: 'What people read; left out, the client id' })
  @IsOptional()
  @IsText({ max: 200 })
  name?: string;

  @ApiPropertyOptional({ enum: METHODS, default: 'client_secret_basic' })
  @IsOptional()
  @IsIn(METHODS)
  tokenEndpointAuthMethod?: (typeof METHODS)[number];

  @ApiProperty({ type: [String], example: ['https://crm.acme.example/callback'] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(URLS_MAX)
  @ArrayUnique()
  @AreApplicationUrls()
  redirectUris!: string[];

  @ApiPropertyOptional({ type: [String], example: ['https://crm.acme.example/'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(URLS_MAX)
  @ArrayUnique()
  @AreApplicationUrls()
  postLogoutRedirectUris?: string[];

  @ApiPropertyOptional({ type: String, nullable: true, example: 'https://crm.acme.example/bcl' })
  @IsOptional()
  @fieldRule('isApplicationUrl', (value) => value === null || isUrl(value), URL_RULE)
  backchannelLogoutUri?: string | null;

  @ApiProperty({ example: 'crm', description: 'The application whose roles the client is told' })
  @IsId()
  rolesOf!: string;

  @ApiProperty({ type: [String], example: ['okta'] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(NAMES_MAX)
  @ArrayUnique()
  @AreIds()
  connections!: string[];

  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  admitWithoutRole?: boolean;

  @ApiPropertyOptional({ type: [String], example: ['mfa'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(CONTEXTS_MAX)
  @ArrayUnique()
  @AreTexts(1024, (text) => text !== '', 'must each be a text of 1 to 1024 characters')
  requireAuthenticationContext?: string[];

  @ApiPropertyOptional({ default: true, description: 'Whether the client gets refresh tokens' })
  @IsOptional()
  @IsBoolean()
  refresh?: boolean;

  @ApiPropertyOptional({ default: true })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;
}

/** A new client. */
export class NewClientDto extends ClientSettingsDto {
  @ApiProperty({ example: 'crm', description: 'Unique in the installation' })
  @IsId()
  clientId!: string;

  @ApiPropertyOptional({
    example: 'acme',
    description: 'Needed by an installation key where there are several tenants',
  })
  @IsOptional()
  @IsId()
  tenant?: string;

  @ApiProperty({ example: 'The CRM signs people in through Gatebook' })
  @IsReason()
  reason!: string;
}

/** What changes about a client; what is left out stays. */
export class ChangedClientDto extends PartialType(ClientSettingsDto) {
  @ApiPropertyOptional({ default: false, description: 'Takes the client out of the configuration file’s hands' })
  @IsOptional()
  @IsBoolean()
  detach?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Makes a new secret; the old one opens nothing any more' })
  @IsOptional()
  @IsBoolean()
  newSecret?: boolean;

  @ApiProperty({ example: 'Another callback' })
  @IsReason()
  reason!: string;
}

/** Removes a client; in the query, because a DELETE has no body. */
export class RemoveClientQuery extends PickType(ChangedClientDto, ['reason'] as const) {}

/** A client in an address. */
export class ClientParams {
  @ApiProperty({ example: 'crm' })
  @IsId()
  id!: string;
}

/** An application that signs people in through Gatebook, without its secret. */
export class ClientDto {
  @ApiProperty({ example: 'crm' })
  clientId!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ enum: ['present', 'removed'] })
  status!: string;

  @ApiProperty()
  enabled!: boolean;

  @ApiProperty({ example: 1, description: 'Rises by one with every change of settings; for If-Match' })
  version!: number;

  @ApiProperty({ enum: ['config', 'api'] })
  managedBy!: string;

  @ApiProperty({ example: 'The CRM' })
  name!: string;

  @ApiProperty({ enum: METHODS })
  tokenEndpointAuthMethod!: string;

  @ApiProperty({ type: [String] })
  redirectUris!: readonly string[];

  @ApiProperty({ type: [String] })
  postLogoutRedirectUris!: readonly string[];

  @ApiProperty({ type: String, nullable: true })
  backchannelLogoutUri!: string | null;

  @ApiProperty({ example: 'crm' })
  rolesOf!: string;

  @ApiProperty({ type: [String] })
  connections!: readonly string[];

  @ApiProperty()
  admitWithoutRole!: boolean;

  @ApiProperty({ type: [String] })
  requireAuthenticationContext!: readonly string[];

  @ApiProperty()
  refresh!: boolean;
}

/** A client as just written; its secret is there once, when it was made. */
export class ClientWrittenDto extends ClientDto {
  @ApiPropertyOptional({ example: 'Zk3…', description: 'Shown once' })
  clientSecret?: string;

  @ApiProperty({ example: 'cDE6NDI' })
  positionToken!: string;
}

/** Clients of a tenant. */
export class ClientPageDto {
  @ApiProperty({ type: [ClientDto] })
  items!: ClientDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;

  @ApiProperty({ example: 42 })
  position!: number;
}
