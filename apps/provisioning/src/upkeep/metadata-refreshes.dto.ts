import { ApiProperty } from '@nestjs/swagger';

/** One fact that metadata changed. */
export class MetadataChangeDto {
  @ApiProperty({ example: 'ssoUrl', description: 'A certificate is told by its SHA-256' })
  fact!: string;

  @ApiProperty({ type: String, nullable: true, example: 'https://idp.acme.example/sso' })
  before!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'https://login.acme.example/sso' })
  after!: string | null;
}

/** Why metadata was not taken over. */
export class MetadataRefusalDto {
  @ApiProperty({ example: 'metadata-signature-invalid' })
  code!: string;

  @ApiProperty({ example: 'The metadata is not signed with the pinned certificate.' })
  detail!: string;
}

/** What a refresh of metadata came to. */
export class MetadataRefreshDto {
  @ApiProperty({
    enum: ['refreshed', 'unchanged', 'refused'],
    description: 'refused: what was read before stays in force, until its own end',
  })
  result!: string;

  @ApiProperty({ type: [MetadataChangeDto] })
  changes!: readonly MetadataChangeDto[];

  @ApiProperty({ type: MetadataRefusalDto, nullable: true })
  refusal!: MetadataRefusalDto | null;

  @ApiProperty({ example: 4, description: 'Version of the connection now' })
  version!: number;

  @ApiProperty({ example: 'cDE6NDI' })
  positionToken!: string;
}
