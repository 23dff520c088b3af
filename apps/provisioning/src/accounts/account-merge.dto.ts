import { ApiProperty } from '@nestjs/swagger';

/** An identity that goes on with the other account. */
export class MovedLinkDto {
  @ApiProperty({ example: 'okta' })
  connection!: string;

  @ApiProperty({ example: '00u1abcd2EFGH3ijk4x7', description: 'For callers with personal:read' })
  subject!: string;
}

/** A grant that ends with the account that held it. */
export class EndedGrantDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'crm.reader' })
  role!: string;
}

/** What a merge did, or would do. A merge that was completed before has nothing left to do. */
export class AccountMergeDto {
  @ApiProperty({ format: 'uuid', description: 'The account that goes on' })
  account!: string;

  @ApiProperty({ format: 'uuid', description: 'The account that ends' })
  from!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ description: 'Whether it was only asked' })
  dryRun!: boolean;

  @ApiProperty({ type: [MovedLinkDto] })
  links!: readonly MovedLinkDto[];

  @ApiProperty({ type: [EndedGrantDto], description: 'Rules give at the next sign-in what the person should have' })
  endedGrants!: readonly EndedGrantDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'cDE6NDI',
    description: 'Pass it as minPosition to read this write back; null for a dry run',
  })
  positionToken!: string | null;
}
