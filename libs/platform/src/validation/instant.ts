import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { fieldRule } from './text.decorators.js';

/** ISO 8601 in UTC, to the second or with up to nine digits of a fraction (finer than a millisecond is cut off). */
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/** First and last year accepted: nothing that happened to an account, and nothing that PostgreSQL could not hold. */
const YEAR_MIN = 1900;
const YEAR_MAX = 9999;

/**
 * Reads an instant in UTC.
 * @returns ISO-8601 with milliseconds; `null` for anything else, also for days that do not exist and for other offsets
 */
export function readInstant(text: unknown): string | null {
  const [, seconds, fraction = ''] = (typeof text === 'string' && INSTANT.exec(text)) || [];
  if (!seconds) return null;
  const written = `${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const date = new Date(written);
  const year = date.getUTCFullYear();
  // Dates roll over (30 February becomes 2 March), so what comes back must be what went in.
  const exists = !Number.isNaN(date.getTime()) && date.toISOString() === written;
  return exists && year >= YEAR_MIN && year <= YEAR_MAX ? written : null;
}

/** An instant; the handler sees it in its normal form, with milliseconds. Anything else is `invalid-date`. */
export const IsInstant = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }) => readInstant(value) ?? value),
    fieldRule(
      'isInstant',
      (value) => readInstant(value) !== null,
      'must be an instant in UTC such as 2026-01-31T09:00:00Z',
      'invalid-date',
    ),
  );
