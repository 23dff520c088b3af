import type { LogPage, LogQuery } from './event-store.port.js';
import type { Nudge } from './nudge.js';

/** How a log is watched for news. */
export interface Watch {
  readonly nudge: Nudge;
  /** Resolves when there may be something after `after`, or a wake since `seen`, or the signal is aborted; fails as a read does. */
  readonly untilNews: (after: number, seen: number, signal: AbortSignal) => Promise<void>;
  /** Told of every failed read or wait; the reader tries again by itself. */
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
  { nudge, untilNews, onTrouble }: Watch,
  signal: AbortSignal,
): AsyncIterable<LogPage> {
  let after = query.after;
  let failures = 0;
  const failed = (error: unknown) => {
    onTrouble(error);
    const pause = Math.min(RETRY_MS.longest, RETRY_MS.shortest * 2 ** failures++);
    return nudge.sleep(nudge.count, pause, signal);
  };
  while (!signal.aborted) {
    const seen = nudge.count;
    const page = await read({ ...query, after }).catch(failed);
    if (signal.aborted) return;
    if (!page) continue;
    failures = 0;
    after = page.through;
    if (page.events.length > 0) yield page;
    else await untilNews(after, seen, signal).catch(failed);
  }
}
