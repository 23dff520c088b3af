import { ApiProperty } from '@nestjs/swagger';
import type { AccountState } from '#libs/domain';
import { encodePositionToken, type Outcome } from '#libs/event-store';

/** What a write of an account answers: enough to go on with, no personal data. */
export class AccountWrittenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'acme' })
  tenant!: string;

  @ApiProperty({ example: 'staff' })
  directory!: string;

  @ApiProperty({ enum: ['active', 'deactivated'] })
  status!: string;

  @ApiProperty({ description: 'Pass it as minPosition to read this write back', example: 'cDE6NDI' })
  positionToken!: string;
}

/** Why the account holds the role. */
export class GrantSourceDto {
  @ApiProperty({ enum: ['rule', 'manual', 'elevation', 'import'] })
  kind!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  connection!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  rule!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  ruleVersion!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'key:5b0c9a53-0f0e-4a7e-9d0c-3f6f6f1f6a51' })
  actor!: string | null;
}

/** A grant as it was just made. */
export class GrantWrittenDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  account!: string;

  @ApiProperty({ example: 'crm.reader' })
  role!: string;

  @ApiProperty({ example: 'crm' })
  application!: string;

  @ApiProperty()
  privileged!: boolean;

  @ApiProperty({ type: GrantSourceDto })
  source!: GrantSourceDto;

  @ApiProperty({ format: 'date-time' })
  from!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  to!: string | null;

  @ApiProperty({ example: 'cDE6NDI' })
  positionToken!: string;
}

/** What reads a write back. */
export const tokenOf = ({ storePosition }: Pick<Outcome<unknown>, 'storePosition'>): string =>
  encodePositionToken(storePosition);

/** The answer to a write of an account. */
export function accountWritten(outcome: Outcome<AccountState>, tenant: string): AccountWrittenDto {
  const { id, directory, status } = outcome.state;
  return { id, tenant, directory, status, positionToken: tokenOf(outcome) };
}
