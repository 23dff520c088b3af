import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '#libs/database';
import { BEFORE_FIRST, type EventStore } from '#libs/event-store';
import { readSealedRows, sealedNudge } from '#libs/ledger';
import { EVERY_PARTITION } from '../partitions.js';
import { SealedLogBrokenError } from '../sealed-events.errors.js';
import {
  BEFORE_SEALED,
  type SealedBatch,
  type SealedEvents,
  type SealedEventsReader,
  TICK_MS,
} from '../sealed-events.port.js';
import { nextStretch, SealedEventAbsentError } from './sealed-stretch.js';

/**
 * Shortest time in milliseconds between two looks once something was found: what is sealed meanwhile is taken together. The first event
 * after a quiet time does not wait, nor does a reader that is behind.
 */
const TOGETHER_MS = 25;

/** Longest wait for what other processes seal. */
const UNTOLD_MS = 50;

/** Longest wait where this process seals and tells of it: then the look is only a safety net. */
const TOLD_MS = 500;

/** Wait after a failed read, in milliseconds. */
const RETRY_MS = 250;

/**
 * A sealed event that the store does not show for this long, in milliseconds, counts as lost. Until then a node of the store may only lag
 * behind, or be a leader that the others have left and that does not know it yet.
 */
const LOST_AFTER_MS = 30_000;

/** What tailing the sealed log needs. */
export interface SealedLogEventsOptions {
  /** Holds `ledger.sealed_log`. */
  readonly database: Pick<Database, 'kind' | 'query'>;
  /** Holds the events themselves, in the same database or elsewhere. */
  readonly store: Pick<EventStore, 'readLog'>;
  /** Told of every failed read; the reader tries again by itself. */
  readonly onTrouble?: (error: unknown) => void;
  /** For tests; `LOST_AFTER_MS` otherwise. */
  readonly lostAfterMs?: number;
}

/**
 * Receives the sealed log by tailing its table and fetching the events from the store, all partitions as one. What this process seals
 * arrives at once, what another one seals within 50 ms; only when sealing has just moved to another process, the first of it may take
 * half a second.
 */
export function sealedLogEvents(options: SealedLogEventsOptions): SealedEvents {
  return { shared: false, follow: (reader, signal) => follow(options, reader, signal) };
}

async function follow(options: SealedLogEventsOptions, reader: SealedEventsReader, signal: AbortSignal): Promise<void> {
  const { position } = await reader.place(EVERY_PARTITION);
  for await (const batch of batches(options, position, signal)) {
    if ((await reader.take(batch)) === 'stop') return;
  }
}

async function* batches(
  options: SealedLogEventsOptions,
  after: number,
  signal: AbortSignal,
): AsyncIterable<SealedBatch> {
  const { database, onTrouble = () => {} } = options;
  const nudge = sealedNudge(database);
  let at: SealedBatch | null = null;
  let lastBatch = Number.NEGATIVE_INFINITY;
  /** How many nudges had come when something was found, the time before last and the last time. */
  const found = { before: 0, last: 0 };
  let absent: number | null = null;
  while (!signal.aborted) {
    const seen = nudge.count;
    const looked = performance.now();
    let next: SealedBatch;
    let behind: boolean;
    try {
      at ??= await startingPoint(options, after);
      ({ behind, ...next } = { ...at, ...(await nextStretch(options, at)) });
      absent = null;
    } catch (error) {
      if (error instanceof SealedLogBrokenError) throw error;
      if (absent === null || !(error instanceof SealedEventAbsentError)) onTrouble(error); // an absence is told once
      absent = error instanceof SealedEventAbsentError ? absentSince(absent, error, options) : null;
      await nudge.sleep(nudge.count, RETRY_MS, signal);
      continue;
    }
    if (signal.aborted) return;
    at = next;
    if (next.events.length > 0) Object.assign(found, { before: found.last, last: seen });
    if (next.events.length > 0 || performance.now() - lastBatch >= TICK_MS) {
      lastBatch = performance.now();
      yield next;
      if (!behind) await pause(looked + TOGETHER_MS - performance.now(), signal);
    } else {
      const untilTick = Math.max(0, lastBatch + TICK_MS - performance.now());
      // into the embedded database nobody else can seal; a nudge may also come a moment after what it tells of was found
      const told = database.kind === 'embedded' || nudge.count !== found.before;
      await nudge.sleep(seen, Math.min(told ? TOLD_MS : UNTOLD_MS, untilTick), signal);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Where the reader stands, in both orders. A position that is not in the log means that the log was replaced by an older one. */
async function startingPoint({ database }: SealedLogEventsOptions, after: number): Promise<SealedBatch> {
  const at = { partition: EVERY_PARTITION, events: [], bookmark: null };
  if (after === BEFORE_SEALED) return { ...at, sealedThrough: BEFORE_SEALED, storeThrough: BEFORE_FIRST };
  const [row] = await readSealedRows(database, after - 1, 1);
  if (row?.position !== after) throw new SealedLogBrokenError('the event where the reader stands is not in it', after);
  return { ...at, sealedThrough: row.position, storeThrough: row.storePosition };
}

/**
 * @param since when the event was first found absent, by this process's steady clock; null for just now
 * @returns the same, for the next time
 * @throws {SealedLogBrokenError} when it has been absent for too long
 */
function absentSince(
  since: number | null,
  { position }: SealedEventAbsentError,
  { lostAfterMs = LOST_AFTER_MS }: SealedLogEventsOptions,
): number {
  const now = performance.now();
  if (now - (since ?? now) < lostAfterMs) return since ?? now;
  throw new SealedLogBrokenError('the store does not have the event that was sealed there', position);
}
