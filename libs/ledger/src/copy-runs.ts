import type { StoredEvent } from '#libs/event-store';

/** Events of one stream that stand next to each other in the log: one append. */
export interface Run {
  readonly stream: string;
  /** Revision that the stream must have before. */
  readonly expected: number;
  readonly events: readonly StoredEvent[];
}

/** Most events of one append, as the stores take it. */
const MAX_RUN_EVENTS = 1_000;

/** Characters of JSON at which an append is closed: stores refuse appends over a megabyte. A larger event goes alone. */
const MAX_RUN_JSON = 400_000;

/** Characters of JSON in appends that are handed over at once. */
const MAX_BATCH_JSON = 3_000_000;

/**
 * Cuts a stretch of the log into appends, and these into batches in which every stream occurs once: a store that takes appends in the
 * order given may be handed a batch at once.
 * @param together most appends of a batch
 */
export function batchesOf(events: readonly StoredEvent[], together: number): Run[][] {
  const batches: Run[][] = [];
  let streams = new Set<string>();
  let size = 0;
  for (const { run, json } of runsOf(events)) {
    const batch = batches.at(-1);
    if (batch && batch.length < together && size + json <= MAX_BATCH_JSON && !streams.has(run.stream)) {
      batch.push(run);
      size += json;
    } else {
      batches.push([run]);
      streams = new Set();
      size = json;
    }
    streams.add(run.stream);
  }
  return batches;
}

function runsOf(events: readonly StoredEvent[]): { readonly run: Run; readonly json: number }[] {
  const runs: { run: Run & { events: StoredEvent[] }; json: number }[] = [];
  for (const event of events) {
    const json = JSON.stringify(event.data).length + JSON.stringify(event.metadata).length;
    const last = runs.at(-1);
    const fits =
      last?.run.stream === event.stream && last.run.events.length < MAX_RUN_EVENTS && last.json + json <= MAX_RUN_JSON;
    if (last && fits) {
      last.run.events.push(event);
      last.json += json;
    } else {
      runs.push({ run: { stream: event.stream, expected: event.revision - 1, events: [event] }, json });
    }
  }
  return runs;
}
