import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';
import { IsId, IsInstant, IsText } from '#libs/platform';

/** Most sign-ins that one preview looks at. */
export const SIGN_INS_MAX = 200;

/** Longest captured response or token, in characters; the body as a whole is limited to 256 kB. */
const CAPTURE_LENGTH_MAX = 200_000;

/** A proposed mapping, and people to try it on: exactly one of response, idToken, claims, lastSignIns. */
export class MappingPreviewDto {
  @ApiProperty({ example: 'okta', description: 'The connection; disabled ones will do' })
  @IsId()
  connection!: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { groups: { split: ';' }, rules: [{ id: 'eng', when: { group: 'engineering' }, grant: ['crm.reader'] }] },
    description: 'A merge patch (RFC 7396) over the connection’s settings, as PATCH takes it; nothing of it is kept',
  })
  @IsOptional()
  @IsObject()
  settings?: Record<string, unknown>;

  @ApiPropertyOptional({ description: 'A captured SAML response: XML, or the base64 of the form field' })
  @IsOptional()
  @IsText({ max: CAPTURE_LENGTH_MAX, multiline: true })
  response?: string;

  @ApiPropertyOptional({ description: 'A captured ID token' })
  @IsOptional()
  @IsText({ max: CAPTURE_LENGTH_MAX })
  idToken?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { sub: 'ada', email: 'ada@acme.example', groups: ['engineering'] },
    description:
      'Claims as a provider would state them; `sub` or `nameId` is the subject, `acr` and `amr` how it signed in',
  })
  @IsOptional()
  @IsObject()
  claims?: Record<string, unknown>;

  @ApiPropertyOptional({ example: 20, description: 'The people who came last through the connection' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(SIGN_INS_MAX)
  lastSignIns?: number;

  @ApiPropertyOptional({ example: '2026-03-02T08:00:00Z', description: 'The instant to judge a capture for; now' })
  @IsOptional()
  @IsInstant()
  at?: string;
}

/** Why somebody would not be let in. */
export class PreviewRefusalDto {
  @ApiProperty({ example: 'group-required' })
  code!: string;

  @ApiProperty()
  message!: string;

  @ApiProperty({ type: String, nullable: true, example: 'contractors@2' })
  rule!: string | null;
}

/** How one rule was judged. */
export class PreviewJudgementDto {
  @ApiProperty({ example: 'eng' })
  rule!: string;

  @ApiProperty({ example: 3 })
  version!: number;

  @ApiProperty()
  matched!: boolean;

  @ApiProperty({ description: 'It cannot be told: it gives nothing, and takes nothing back' })
  undecided!: boolean;

  @ApiProperty({ example: 'not a member of engineering' })
  why!: string;
}

/** What an attribute of a profile would become. */
export class PreviewAttributeDto {
  @ApiProperty({ example: 'department' })
  attribute!: string;

  @ApiProperty({ nullable: true, example: 'Sales' })
  before!: unknown;

  @ApiProperty({ nullable: true, example: 'Marketing' })
  after!: unknown;
}

/** What a sign-in of one person would come to. */
export class PreviewPersonDto {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: nobody whom we know' })
  account!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'link',
    description: 'How they are known: link, new, or the linking rule; null: not at all',
  })
  found!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '00u1abcd' })
  subject!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'staff' })
  directory!: string | null;

  @ApiProperty({ type: PreviewRefusalDto, nullable: true })
  refusal!: PreviewRefusalDto | null;

  @ApiProperty({ type: [String], nullable: true, description: 'null: unknown; no role that groups gave is taken away' })
  groups!: readonly string[] | null;

  @ApiProperty({ type: [PreviewAttributeDto], description: 'Attributes that would change' })
  attributes!: readonly PreviewAttributeDto[];

  @ApiProperty({ type: [String], example: ['crm.reader'] })
  rolesGained!: readonly string[];

  @ApiProperty({ type: [String] })
  rolesLost!: readonly string[];

  @ApiProperty({ type: [PreviewJudgementDto] })
  judgements!: readonly PreviewJudgementDto[];
}

/** What was found about a capture. */
export class PreviewVerificationDto {
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'false: refused, so nobody would come in by it; null: not verified, since claims prove nothing',
  })
  accepted!: boolean | null;

  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  checks!: readonly object[];
}

/** What a mapping would come to. */
export class MappingPreviewResultDto {
  @ApiProperty({ enum: ['response', 'idToken', 'claims', 'lastSignIns'] })
  source!: string;

  @ApiProperty({ type: PreviewVerificationDto, nullable: true, description: 'null for sign-ins that are on record' })
  verification!: PreviewVerificationDto | null;

  @ApiProperty({ type: [PreviewPersonDto] })
  people!: readonly PreviewPersonDto[];
}
