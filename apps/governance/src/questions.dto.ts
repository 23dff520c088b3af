import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsId, IsMinPosition, IsUuid, PageQuery } from '#libs/platform';

const WhichTenant = () =>
  ApiPropertyOptional({
    example: 'acme',
    description: 'Needed by an installation key where there are several tenants',
  });

/** Says which tenant, where an installation key could mean several. */
export class TenantQuery {
  @WhichTenant()
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** One thing of a tenant, as it is after what the caller has written. */
export class OneQuery extends TenantQuery {
  @IsMinPosition()
  minPosition?: string;
}

/** A list of things of a tenant. */
export class ListQuery extends PageQuery {
  @WhichTenant()
  @IsOptional()
  @IsId()
  tenant?: string;
}

/** What a list says besides its items. */
export class ListEndDto {
  @ApiProperty({ type: String, nullable: true, description: 'Where the list goes on; null at its end' })
  nextCursor!: string | null;

  @ApiProperty({
    type: 'integer',
    example: 4711,
    description: 'Everything sealed up to this position is taken into account',
  })
  position!: number;
}

/** Something in an address. */
export class UuidParams {
  @ApiProperty({ format: 'uuid' })
  @IsUuid()
  id!: string;
}

/** A policy in an address. */
export class PolicyParams {
  @ApiProperty({ example: 'maker-checker' })
  @IsId()
  id!: string;
}

/** In whose name something is asked. */
export class InNameOfDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'For keys with act-as: the account in whose name it is' })
  @IsOptional()
  @IsUuid()
  actAs?: string;
}
