import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '#libs/database';
import { BEFORE_FIRST, type EventStore, type StoredEvent } from '#libs/event-store';
import { readSealedRows, type SealedRow, sealedNudge } from '#libs/ledger';
import { SealedLogBrokenError } from '../sealed-events.errors.js';
import {
  BEFORE_SEALED,
  MAX_BATCH_EVENTS,
  type SealedBatch,
  type SealedEvents,
  type SealedStoredEvent,
  TICK_MS,
} from '../sealed-events.port.js';

/**
 * Shortest time in milliseconds between two looks once something was found: what is sealed meanwhile is taken together. The first event
 * after a quiet time does not wait, nor does a reader that is behind.
 */
const TOGETHER_MS = 25;

/** Longest wait. Only this process can seal into the embedded database, and it nudges, so there the look is only a safety net. */
const IDLE_MS = { postgres: 50, embedded: 500 };

/** Wait after a failed read, in milliseconds. */
const RETRY_MS = 250;

/** What tailing the sealed log needs. */
export interface SealedLogEventsOptions {
  /** Holds `ledger.sealed_log`. */
  readonly database: Pick<Database, 'kind' | 'query'>;
  /** Holds the events themselves, in the same database or elsewhere. */
  readonly store: Pick<EventStore, 'readLog'>;
  /** Told of every failed read; the reader tries again by itself. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Receives the sealed log by tailing its table and fetching the events from the store. What this process seals arrives at once. */
export function sealedLogEvents(options: SealedLogEventsOptions): SealedEvents {
  return { follow: ({ after, signal }) => follow(options, after, signal) };
}

async function* follow(
  options: SealedLogEventsOptions,
  after: number,
  signal: AbortSignal,
): AsyncIterable<SealedBatch> {
  const { database, onTrouble = () => {} } = options;
  const nudge = sealedNudge(database);
  let at: SealedBatch | null = null;
  let lastBatch = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const seen = nudge.count;
    const looked = performance.now();
    let next: SealedBatch;
    try {
      at ??= await startingPoint(options, after);
      next = await nextBatch(options, at);
    } catch (error) {
      if (error instanceof SealedLogBrokenError) throw error;
      onTrouble(error);
      await nudge.sleep(nudge.count, RETRY_MS, signal);
      continue;
    }
    if (signal.aborted) return;
    at = next;
    if (next.events.length > 0 || performance.now() - lastBatch >= TICK_MS) {
      lastBatch = performance.now();
      yield next;
      const behind = next.events.length === MAX_BATCH_EVENTS;
      if (!behind) await pause(looked + TOGETHER_MS - performance.now(), signal);
    } else {
      await nudge.sleep(seen, Math.min(IDLE_MS[database.kind], lastBatch + TICK_MS - performance.now()), signal);
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Where the reader stands, in both orders. A position that is not in the log means that the log was replaced by an older one. */
async function startingPoint({ database }: SealedLogEventsOptions, after: number): Promise<SealedBatch> {
  if (after === BEFORE_SEALED) return { events: [], sealedThrough: BEFORE_SEALED, storeThrough: BEFORE_FIRST };
  const [row] = await readSealedRows(database, after - 1, 1);
  if (row?.position !== after) throw new SealedLogBrokenError('the event where the reader stands is not in it', after);
  return { events: [], sealedThrough: row.position, storeThrough: row.storePosition };
}

async function nextBatch({ database, store }: SealedLogEventsOptions, at: SealedBatch): Promise<SealedBatch> {
  const rows = await readSealedRows(database, at.sealedThrough, MAX_BATCH_EVENTS);
  const last = rows.at(-1);
  if (!last) return { ...at, events: [] };
  const { events } = await store.readLog({ after: at.storeThrough, limit: rows.length });
  const sealed = rows.map((row, index) => joined(row, events[index], at.sealedThrough + 1 + index));
  return { events: sealed, sealedThrough: last.position, storeThrough: last.storePosition };
}

/** Sealed rows and events are one to one and in the same order, so whatever does not match is a loss. */
function joined(row: SealedRow, event: StoredEvent | undefined, position: number): SealedStoredEvent {
  if (row.position !== position) throw new SealedLogBrokenError('a position is missing', position);
  if (event?.id !== row.eventId) throw new SealedLogBrokenError('the store has another event there', position);
  const { tenant, tenantPosition, sealedAt } = row;
  return { ...event, tenant, position, tenantPosition, sealedAt };
}
