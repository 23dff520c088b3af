import type { LogPage, LogQuery } from './event-store.port.js';
import type { Nudge } from './nudge.js';

/** How a log is watched for news. */
export interface Watch {
  readonly nudge: Nudge;
  /** Longest time in milliseconds between two looks while nothing happens. */
  readonly idleMs: number;
  /** Told of every failed read; the reader tries again by itself. */
  readonly onTrouble: (error: unknown) => void;
}

/** Shortest and longest wait after a failed read, in milliseconds. */
const RETRY_MS = { shortest: 50, longest: 2_000 };

/**
 * Turns page reads into a live feed: never an empty page, and the next page begins where the last ended. A failed read is repeated
 * with growing pauses until it succeeds. Ends without an error when the signal is aborted.
 */
export async function* followLog(
  read: (query: LogQuery) => Promise<LogPage>,
  query: LogQuery,
  { nudge, idleMs, onTrouble }: Watch,
  signal: AbortSignal,
): AsyncIterable<LogPage> {
  let after = query.after;
  let failures = 0;
  while (!signal.aborted) {
    const seen = nudge.count;
    const page = await read({ ...query, after }).catch((error: unknown) => {
      onTrouble(error);
      return null;
    });
    if (signal.aborted) return;
    if (page === null) {
      await nudge.sleep(nudge.count, Math.min(RETRY_MS.longest, RETRY_MS.shortest * 2 ** failures++), signal);
      continue;
    }
    failures = 0;
    after = page.through;
    if (page.events.length > 0) yield page;
    else await nudge.sleep(seen, idleMs, signal);
  }
}
