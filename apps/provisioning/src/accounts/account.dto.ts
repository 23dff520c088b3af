import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { AccountResource } from '#libs/read-model';

const text = (example: string | null) => ({ type: String, nullable: true, example }) as const;

/** A manager as the source names them, and the account that this is. */
export class ManagerDto {
  @ApiProperty({ example: 'ada@acme.example' })
  value!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'null while nobody, or more than one, matches',
  })
  account!: string | null;
}

/** Where an account came from. */
export class AccountOriginDto {
  @ApiProperty(text('okta'))
  connection!: string | null;

  @ApiProperty({ example: 'saml' })
  protocol!: string;
}

/** A subject of a connection that signs in to the account. */
export class AccountLinkDto {
  @ApiProperty({ example: 'okta' })
  connection!: string;

  @ApiProperty({ example: '00u1abcd2EFGH3ijk4x7' })
  subject!: string;
}

/** An account. Without `personal:read` personal texts read `[withheld]`; where a person was erased, `[erased]`. */
export class AccountDto implements AccountResource {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ example: 'staff' })
  directory!: string;

  @ApiProperty({ enum: ['person', 'external', 'service', 'breakGlass'] })
  kind!: string;

  @ApiProperty(text(null))
  sponsor!: string | null;

  @ApiProperty({ ...text(null), format: 'date-time' })
  expiresAt!: string | null;

  @ApiProperty({ enum: ['active', 'deactivated'] })
  status!: string;

  @ApiProperty({ example: 'grace@acme.example' })
  userName!: string;

  @ApiProperty(text('Grace Hopper'))
  displayName!: string | null;

  @ApiProperty(text('Grace'))
  givenName!: string | null;

  @ApiProperty(text('Hopper'))
  familyName!: string | null;

  @ApiProperty(text('grace@acme.example'))
  email!: string | null;

  @ApiProperty(text('hr-4711'))
  externalId!: string | null;

  @ApiProperty(text('4711'))
  employeeNumber!: string | null;

  @ApiProperty(text('permanent'))
  employeeType!: string | null;

  @ApiProperty(text('Rear Admiral'))
  title!: string | null;

  @ApiProperty(text('Engineering'))
  department!: string | null;

  @ApiProperty(text('CC-100'))
  costCenter!: string | null;

  @ApiProperty({ type: ManagerDto, nullable: true })
  manager!: ManagerDto | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    example: { building: ['B7'] },
  })
  attributes!: { readonly [name: string]: readonly string[] };

  @ApiProperty({ type: AccountOriginDto })
  source!: AccountOriginDto;

  @ApiProperty({ format: 'date-time' })
  provisionedAt!: string;

  @ApiProperty({ ...text('2026-11-22T09:00:00.000Z'), format: 'date-time' })
  lastSignInAt!: string | null;

  @ApiProperty({ type: [String], example: ['crm.reader'], description: 'Roles held now' })
  roles!: readonly string[];

  @ApiProperty({ type: [AccountLinkDto] })
  links!: readonly AccountLinkDto[];

  @ApiPropertyOptional({
    description: 'Present when a fact about the account could not be taken in: what is shown may be out of date',
  })
  degraded?: true;
}

/** A page of accounts. */
export class AccountListDto {
  @ApiProperty({ type: [AccountDto] })
  items!: readonly AccountDto[];

  @ApiProperty(text(null))
  nextCursor!: string | null;

  @ApiProperty({ type: 'integer', example: 4711, description: 'Position in the sealed log that the answer has seen' })
  position!: number;
}
