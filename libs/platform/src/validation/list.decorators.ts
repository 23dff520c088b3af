import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { decodePositionToken, InvalidPositionTokenError } from '#libs/event-store';
import { isCursor } from './cursor.js';
import { fieldRule } from './text.decorators.js';

/** Items in a page of a list, unless `limit` asks for another number. */
export const PAGE_DEFAULT = 50;

/** Most items in a page of a list. */
export const PAGE_MAX = 200;

/** `limit` of a list: 1 to 200, `PAGE_DEFAULT` if the property is initialised with it. Anything else is `invalid-limit`. */
export const IsLimit = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: 'integer',
      minimum: 1,
      maximum: PAGE_MAX,
      default: PAGE_DEFAULT,
      description: 'Items in the page',
    }),
    IsOptional(),
    Transform(({ value }) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value)),
    fieldRule('isLimit', isLimit, `must be a whole number from 1 to ${PAGE_MAX}`, 'invalid-limit'),
  );

/** `cursor` of a list, as an earlier answer gave it. What looks otherwise is `invalid-cursor`. */
export const IsCursor = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: 'string',
      example: 'WyJhY2NvdW50cy4xIiw0Ml0',
      description: 'nextCursor of the page before',
    }),
    IsOptional(),
    fieldRule('isCursor', isCursor, 'must be the nextCursor of an earlier answer, unchanged', 'invalid-cursor'),
  );

/** `minPosition` of a query: a position token, after whose command the answer must be. */
export const IsMinPosition = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: 'string',
      example: 'cDE6NDI',
      description: 'positionToken of a command that the answer must have seen',
    }),
    IsOptional(),
    fieldRule(
      'isMinPosition',
      isPositionToken,
      'must be the positionToken of an earlier answer, unchanged',
      'invalid-position-token',
    ),
  );

/** The query of every list; extend it with the list's own filters. */
export class PageQuery {
  @IsLimit()
  limit: number = PAGE_DEFAULT;

  @IsCursor()
  cursor?: string;

  @IsMinPosition()
  minPosition?: string;
}

function isLimit(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= PAGE_MAX;
}

function isPositionToken(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    decodePositionToken(value);
    return true;
  } catch (error) {
    if (error instanceof InvalidPositionTokenError) return false;
    throw error;
  }
}
