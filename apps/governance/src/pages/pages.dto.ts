import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsString, MaxLength } from 'class-validator';
import { REASON_LENGTH_MAX } from '#libs/platform';

/** Items on one page: with the other fields, no more than a form may have. */
export const ITEMS_SHOWN = 25;

/** Longest cursor, position token or other mark that a page is asked with, in characters. */
const MARK_LENGTH_MAX = 1024;

/** Where in the list, and what was just done. */
export class ReviewsQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MARK_LENGTH_MAX)
  cursor?: string;

  /** How many decisions were just recorded. */
  @IsOptional()
  @IsString()
  @MaxLength(3)
  decided?: string;

  /** Position token of what was just recorded. */
  @IsOptional()
  @IsString()
  @MaxLength(MARK_LENGTH_MAX)
  at?: string;
}

/** What every form carries. */
class PageForm {
  @IsOptional()
  @IsString()
  @MaxLength(MARK_LENGTH_MAX)
  csrf?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MARK_LENGTH_MAX)
  once?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MARK_LENGTH_MAX)
  shown?: string;

  /** Line breaks count twice in forms. */
  @IsOptional()
  @IsString()
  @MaxLength(2 * REASON_LENGTH_MAX)
  reason: string = '';
}

/** An answer to one question. */
export class DecisionForm extends PageForm {
  @IsOptional()
  @IsString()
  @MaxLength(20)
  decision: string = '';

  @IsOptional()
  @IsString()
  @MaxLength(20)
  until: string = '';

  @IsOptional()
  @IsString()
  @MaxLength(320)
  to: string = '';

  /** The stage that was shown. */
  @IsOptional()
  @IsString()
  @MaxLength(2)
  stage: string = '0';
}

/** One answer to several questions. */
export class BulkForm extends PageForm {
  @IsOptional()
  @IsString()
  @MaxLength(20)
  decision: string = '';

  @Transform(({ value }) => (typeof value === 'string' ? [value] : value))
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(ITEMS_SHOWN)
  @IsString({ each: true })
  @MaxLength(36, { each: true })
  item: string[] = [];
}

/** What was just done about an elevation. */
export class ApprovalsQuery {
  @IsOptional()
  @IsString()
  @MaxLength(20)
  done?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MARK_LENGTH_MAX)
  at?: string;
}

/** An answer to a request for a role. */
export class AnswerForm extends PageForm {
  @IsOptional()
  @IsString()
  @MaxLength(20)
  answer: string = '';
}

/** A request for a role. */
export class RequestForm extends PageForm {
  @IsOptional()
  @IsString()
  @MaxLength(63)
  role: string = '';

  @IsOptional()
  @IsString()
  @MaxLength(5)
  minutes: string = '';

  @IsOptional()
  @IsString()
  @MaxLength(5)
  breakGlass: string = '';
}

/** An answer to a change that waits for a second person. */
export class ChangeForm extends AnswerForm {
  /** What the consequences that were shown ask to confirm. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  confirm: string = '';
}
