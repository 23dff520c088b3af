/** Shortest time until something outside is asked again, milliseconds. */
export const RETRY_MIN_MS = 300_000;

/** Longest time until something that failed is tried again, milliseconds. */
export const RETRY_MAX_MS = 6 * 3_600_000;

/** When something is tried again that has failed this often in a row: after 5 minutes, then each time after twice as long, up to 6 hours. */
export function retryAfterMs(failures: number): number {
  return Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.max(0, failures - 1));
}

/** An instant so many milliseconds after another, ISO-8601. */
export const later = (now: Date, ms: number): string => new Date(now.getTime() + ms).toISOString();
