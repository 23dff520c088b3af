import { instantAfter } from '#libs/kernel';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days over which the usual number of an hour is taken. */
export const USUAL_DAYS = 30;

/** So many in one hour are never remarkable, however quiet it usually is. */
export const BURST_AT_LEAST = 20;

/** So many times the usual number of an hour are a burst. */
export const BURST_FACTOR = 5;

/** A connection is new, and what comes through it no news, until it has been in use for so long, milliseconds: 7 days … */
export const LEARNING_MS = 7 * DAY_MS;

/** … or so many accounts have been made through it. */
export const LEARNING_ACCOUNTS = 20;

/** Without sign-in for so long an account that signs in again is news, milliseconds: 90 days. */
export const QUIET_MS = 90 * DAY_MS;

/** Something that happens again and again through a connection. */
export interface HourCount {
  /** In the hour under way. */
  readonly count: number;
  /** In the 30 days before that hour. */
  readonly before: number;
  /** When the first of them, or of anything through the connection, was recorded. */
  readonly knownSince: string;
}

/** What is known of a connection from what came through it. */
export interface ConnectionAge {
  /** When the first thing that came through it was recorded. */
  readonly knownSince: string;
  /** How many accounts were made through it. */
  readonly accounts: number;
}

/** Start of the hour of an instant, ISO-8601 UTC with milliseconds. */
export const hourOf = (instant: string): string => `${instant.slice(0, 13)}:00:00.000Z`;

/** The number in one hour from which on it is a burst: five times the usual, 20 at least. What is usual of younger connections is of their own time. */
export function burstFrom({ before, knownSince }: Pick<HourCount, 'before' | 'knownSince'>, hour: string): number {
  const knownHours = Math.ceil((Date.parse(hour) - Date.parse(knownSince)) / HOUR_MS);
  const hours = Math.min(USUAL_DAYS * 24, Math.max(1, knownHours));
  return Math.max(BURST_AT_LEAST, Math.ceil((BURST_FACTOR * before) / hours));
}

/** Whether an hour is a burst. */
export const isBurst = (counted: HourCount, hour: string): boolean => counted.count >= burstFrom(counted, hour);

/** Whether a connection has been in use for long enough that something new is news: 7 days, or 20 accounts. */
export function isSettled({ knownSince, accounts }: ConnectionAge, at: string): boolean {
  return accounts >= LEARNING_ACCOUNTS || instantAfter(knownSince, LEARNING_MS) <= at;
}

/** Whether a burst of new accounts is news: in its first 7 days a connection brings everybody, however many these are. */
export const isPastFirstDays = ({ knownSince }: Pick<ConnectionAge, 'knownSince'>, at: string): boolean =>
  instantAfter(knownSince, LEARNING_MS) <= at;

/** Whether a sign-in ends a long quiet time. The first sign-in ends none. */
export const endsQuietTime = (previousAt: string | null, at: string): boolean =>
  previousAt !== null && instantAfter(previousAt, QUIET_MS) <= at;
