import { createHash } from 'node:crypto';
import { durationMs } from '#libs/kernel';
import { later, RETRY_MIN_MS, retryAfterMs } from './retry-times.js';

/** Share of the time between two refreshes by which they are spread, so that many connections do not ask at once. */
const JITTER = 0.1;

/** How long before the end of metadata it is asked for again at the latest, milliseconds: leaves time for many tries. */
const BEFORE_END_MS = 23 * 3_600_000;

/** What decides when metadata is read again. */
export interface RefreshTimes {
  /** Spreads connections: each has its own place in the time that jitter leaves. */
  readonly connection: string;
  /** ISO-8601 duration of the settings. */
  readonly refreshEvery: string;
  /** What the metadata itself asks for. */
  readonly cacheDurationMs: number | null;
  /** End of what is on record, ISO-8601. */
  readonly validUntil: string | null;
}

/** When metadata that was read is read again: as often as the settings or the metadata itself say, in time before its end, never sooner than in 5 minutes. */
export function nextRefresh(
  { connection, refreshEvery, cacheDurationMs, validUntil }: RefreshTimes,
  now: Date,
): string {
  const every = Math.min(durationMs(refreshEvery), cacheDurationMs ?? Number.POSITIVE_INFINITY);
  const spread = every * (1 - JITTER * placeOf(connection, now));
  const left = validUntil === null ? Number.POSITIVE_INFINITY : Date.parse(validUntil) - now.getTime() - BEFORE_END_MS;
  return later(now, Math.max(RETRY_MIN_MS, Math.min(spread, left)));
}

/** When metadata that could not be read, so many times in a row, is tried again: not later than it would be read anyway. */
export function nextTry({ refreshEvery }: Pick<RefreshTimes, 'refreshEvery'>, failures: number, now: Date): string {
  return later(now, Math.max(RETRY_MIN_MS, Math.min(retryAfterMs(failures), durationMs(refreshEvery))));
}

/** From 0 up to 1, the same for the same connection and instant. */
function placeOf(connection: string, now: Date): number {
  const digest = createHash('sha256').update(`${connection}/${now.toISOString()}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}
