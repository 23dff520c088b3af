import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { IsId, IsInstant, IsReason, IsText, IsUuid } from '#libs/platform';

/** Longest text of a profile attribute that an administrator may write, in characters. */
const TEXT = { max: 1024 } as const;

const KINDS = ['person', 'external', 'service', 'breakGlass'] as const;

/** Every write says why. */
export class ReasonDto {
  @ApiProperty({ example: 'Joins the sales team on 1 December', maxLength: 1000 })
  @IsReason()
  reason!: string;
}

/** A subject of a connection. */
export class LinkDto {
  @ApiProperty({ example: 'okta' })
  @IsId()
  connection!: string;

  @ApiProperty({
    example: '00u1abcd2EFGH3ijk4x7',
    description: 'As the connection names the person: SAML NameID, or the attribute chosen as subject',
  })
  @IsText(TEXT)
  subject!: string;
}

/** An account made by hand, before its person signs in. */
export class NewAccountDto extends ReasonDto {
  @ApiPropertyOptional({
    example: 'acme',
    description: 'Needed by an installation key where there are several tenants',
  })
  @IsOptional()
  @IsId()
  tenant?: string;

  @ApiProperty({ example: 'staff' })
  @IsId()
  directory!: string;

  @ApiPropertyOptional({ enum: KINDS, default: 'person' })
  @IsOptional()
  @IsIn(KINDS)
  kind?: (typeof KINDS)[number];

  @ApiPropertyOptional({
    example: 'ada@acme.example',
    description: 'Who answers for an account that is not a person of the company',
  })
  @IsOptional()
  @IsText(TEXT)
  sponsor?: string;

  @ApiPropertyOptional({
    example: '2027-06-30T22:00:00Z',
    description: 'From then on nothing that the account holds counts',
  })
  @IsOptional()
  @IsInstant()
  expiresAt?: string;

  @ApiProperty({ example: 'grace@acme.example' })
  @IsText(TEXT)
  userName!: string;

  @ApiPropertyOptional({ example: 'Grace Hopper' })
  @IsOptional()
  @IsText(TEXT)
  displayName?: string;

  @ApiPropertyOptional({ example: 'Grace' })
  @IsOptional()
  @IsText(TEXT)
  givenName?: string;

  @ApiPropertyOptional({ example: 'Hopper' })
  @IsOptional()
  @IsText(TEXT)
  familyName?: string;

  @ApiPropertyOptional({ example: 'grace@acme.example' })
  @IsOptional()
  @IsText({ max: 320 })
  email?: string;

  @ApiPropertyOptional({ example: 'hr-4711' })
  @IsOptional()
  @IsText(TEXT)
  externalId?: string;

  @ApiPropertyOptional({ example: '4711' })
  @IsOptional()
  @IsText(TEXT)
  employeeNumber?: string;

  @ApiPropertyOptional({ example: 'permanent' })
  @IsOptional()
  @IsText(TEXT)
  employeeType?: string;

  @ApiPropertyOptional({ example: 'Rear Admiral' })
  @IsOptional()
  @IsText(TEXT)
  title?: string;

  @ApiPropertyOptional({ example: 'Engineering' })
  @IsOptional()
  @IsText(TEXT)
  department?: string;

  @ApiPropertyOptional({ example: 'CC-100' })
  @IsOptional()
  @IsText(TEXT)
  costCenter?: string;

  @ApiPropertyOptional({
    example: 'ada@acme.example',
    description: 'externalId, employeeNumber, userName or e-mail of the manager',
  })
  @IsOptional()
  @IsText(TEXT)
  manager?: string;

  @ApiPropertyOptional({ type: [LinkDto], maxItems: 20 })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => LinkDto)
  links?: LinkDto[];
}

/** A role given by hand. */
export class NewGrantDto extends ReasonDto {
  @ApiProperty({ example: 'crm.reader' })
  @IsId()
  role!: string;

  @ApiPropertyOptional({ example: '2026-12-31T23:00:00Z', description: 'Exclusive end; within what the role allows' })
  @IsOptional()
  @IsInstant()
  until?: string;

  @ApiPropertyOptional({
    default: false,
    description: 'Gives the role although a decision withholds it; the reason is recorded',
  })
  @IsOptional()
  @IsBoolean()
  overrideWithholding?: boolean;
}

/** A link made by hand. */
export class NewLinkDto extends ReasonDto {
  @ApiProperty({ example: 'okta' })
  @IsId()
  connection!: string;

  @ApiProperty({ example: '00u1abcd2EFGH3ijk4x7' })
  @IsText(TEXT)
  subject!: string;
}

/** Ends a link; in a body, because an address is no place for what a person is called. */
export class EndLinkDto extends NewLinkDto {}

/** Says that two accounts are of one person. */
export class MergeDto extends ReasonDto {
  @ApiProperty({
    example: '771f942c-b71a-5b6e-a29a-93183ee52f21',
    format: 'uuid',
    description: 'The account that ends; it lives in the same directory',
  })
  @IsUuid()
  from!: string;
}

/** Whether to merge, or only to say what that would do. */
export class MergeQuery {
  @ApiPropertyOptional({ enum: ['true', 'false'], description: 'Answer what would move and end, and change nothing' })
  @IsOptional()
  @IsIn(['true', 'false'])
  dryRun?: 'true' | 'false';

  @ApiPropertyOptional({
    example: 'acme',
    description: 'Needed by an installation key where there are several tenants',
  })
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** Ends a grant; in the query, because a DELETE has no body. */
export class EndGrantQuery extends ReasonDto {
  @ApiPropertyOptional({
    enum: ['true', 'false'],
    description: 'Needed for a grant that a rule gave: whether rules may give the role again',
  })
  @IsOptional()
  @IsIn(['true', 'false'])
  withhold?: 'true' | 'false';

  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** Says which tenant, where an installation key could mean several. */
export class TenantQuery {
  @ApiPropertyOptional({
    example: 'acme',
    description: 'Needed by an installation key where there are several tenants',
  })
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** An account in an address. */
export class AccountParams {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  id!: string;
}

/** A grant of an account in an address. */
export class GrantParams extends AccountParams {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  grant!: string;
}

/** A withheld role of an account in an address. */
export class WithholdingParams extends AccountParams {
  @ApiProperty({ example: 'crm.admin' })
  @IsId()
  role!: string;
}

/** Lifts a withholding; in the query, because a DELETE has no body. */
export class LiftWithholdingQuery extends ReasonDto {
  @ApiPropertyOptional({ example: 'acme' })
  @IsOptional()
  @IsId()
  tenant?: string;
}
