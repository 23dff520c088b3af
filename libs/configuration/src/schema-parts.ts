import { z } from 'zod';
import { NAME_PATTERN } from '#libs/contracts';
import { durationMs } from '#libs/kernel';

/** An id as people write it. */
export const id = z.string().regex(NAME_PATTERN, 'must match [a-z0-9][a-z0-9._-]{0,62}');

/** Text that is not empty, of at most so many characters. */
export const text = (max: number) => z.string().min(1).max(max);

/** A DNS name of two labels or more, in lower case; international ones as A-labels. */
export const domain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, 'must be a domain name in lower case');

/** The name of an attribute of a profile. */
export const attributeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'must be a letter followed by letters, digits, dots, dashes or underscores');

/** An address on the web. */
export const url = z.url({ protocol: /^https?$/ }).max(2048);

/** Longest text of a duration, in characters. */
const DURATION_LENGTH_MAX = 32;

/** Whether a text is an ISO-8601 duration of more than nothing. */
export function isDuration(value: string): boolean {
  try {
    return value.length <= DURATION_LENGTH_MAX && durationMs(value) > 0;
  } catch {
    return false;
  }
}

/** An ISO-8601 duration of more than nothing. */
export const duration = z
  .string()
  .max(DURATION_LENGTH_MAX)
  .refine(isDuration, 'must be an ISO-8601 duration of weeks, days, hours, minutes or seconds, such as PT8H')
  .meta({ title: 'duration' });

/** Whether a text names a time zone, such as `Europe/Berlin`. */
export function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** How far the clocks of two sides may disagree: more would let old proofs in. */
const CLOCK_SKEW_MAX_MS = 600_000;

/** How far the clocks of two sides may disagree. */
export const clockSkew = duration
  .refine((value) => isAtMost(value, CLOCK_SKEW_MAX_MS), 'must be at most PT10M')
  .default('PT60S')
  .describe('How far the clocks may disagree; at most `PT10M`.');

/** A duration that is none is told by its own rule. */
function isAtMost(value: string, limitMs: number): boolean {
  try {
    return durationMs(value) <= limitMs;
  } catch {
    return true;
  }
}

/** A secret: its value, or the fingerprint of one that the vault holds already. */
export const secret = text(4096)
  .describe('The value: an `env:` or `file:` reference in the file, or the `hmac:` fingerprint of one that is stored.')
  .meta({ title: 'secret' });
