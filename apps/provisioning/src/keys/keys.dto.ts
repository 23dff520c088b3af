import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional } from 'class-validator';
import { SCOPES, type Scope } from '#libs/contracts';
import { IsId, IsInstant, IsReason, IsText, IsUuid } from '#libs/platform';

/** A new API key. */
export class NewKeyDto {
  @ApiProperty({ example: 'nightly report' })
  @IsText({ max: 100 })
  name!: string;

  @ApiPropertyOptional({
    example: 'acme',
    description: 'Absent: a key of the caller’s tenant; for an installation key, of the installation',
  })
  @IsOptional()
  @IsId()
  tenant?: string;

  @ApiProperty({ enum: SCOPES, isArray: true, example: ['audit:read', 'personal:read'] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes!: Scope[];

  @ApiProperty({ example: '2027-11-22T00:00:00Z' })
  @IsInstant()
  expiresAt!: string;

  @ApiProperty({ example: 'Reads the access list every night' })
  @IsReason()
  reason!: string;
}

/** Ends a key; in the query, because a DELETE has no body. */
export class RevokeKeyQuery {
  @ApiProperty({ example: 'No longer needed' })
  @IsReason()
  reason!: string;
}

/** An API key, without its secret. */
export class KeyDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'nightly report' })
  name!: string;

  @ApiProperty({ type: String, nullable: true, example: 'acme', description: 'null: a key of the installation' })
  tenant!: string | null;

  @ApiProperty({ enum: SCOPES, isArray: true })
  scopes!: readonly string[];

  @ApiProperty({ format: 'date-time' })
  expiresAt!: string;

  @ApiProperty({ enum: ['live', 'revoked', 'expired'] })
  status!: string;
}

/** A key as just made; a repeat of the request answers it without the secret. */
export class KeyMadeDto extends KeyDto {
  @ApiPropertyOptional({ example: 'gbk_…', description: 'Shown once' })
  secret?: string;

  @ApiProperty({ example: 'cDE6NDI' })
  positionToken!: string;
}

/** A key as just ended. */
export class KeyRevokedDto extends KeyDto {
  @ApiProperty({ example: 'cDE6NDI' })
  positionToken!: string;
}

/** A key in an address. */
export class KeyParams {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  id!: string;
}
