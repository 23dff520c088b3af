import { type Decider, fold, type RecordedEvent } from '#libs/kernel';
import type { EventCodec } from './event-codec.port.js';
import { BEFORE_FIRST, type EventStore, NO_STREAM, type StoredEvent } from './event-store.port.js';

/** Events that are fetched at a time. */
const PAGE = 1_000;

/** A stream from its first event to its last, in clear. */
export interface History {
  readonly events: readonly RecordedEvent[];
  /** Of the last event; `NO_STREAM` when there is none. */
  readonly revision: number;
  /** Of the last event in the store's order; `BEFORE_FIRST` when there is none. */
  readonly storePosition: number;
  readonly stored: readonly StoredEvent[];
}

/** An aggregate as its stream tells it. */
export interface Aggregate<S> {
  readonly state: S;
  /** Of the stream's last event; `NO_STREAM` when there is none. */
  readonly revision: number;
  /** Of the stream's last event in the store's order; `BEFORE_FIRST` when there is none. */
  readonly storePosition: number;
}

/** Reads a stream completely, however long, and decodes it; of a history known already only what has happened since. */
export async function readHistory(
  { store, codec }: { readonly store: EventStore; readonly codec: EventCodec },
  stream: string,
  known: Pick<History, 'events' | 'stored'> = { events: [], stored: [] },
): Promise<History> {
  const stored: StoredEvent[] = [...known.stored];
  for (let full = true; full; ) {
    const page = await store.readStream(stream, { from: stored.length, limit: PAGE });
    stored.push(...page);
    full = page.length === PAGE;
  }
  const last = stored.at(-1);
  const news = stored.slice(known.stored.length);
  return {
    events: news.length === 0 ? known.events : [...known.events, ...(await codec.decode(news))],
    revision: last?.revision ?? NO_STREAM,
    storePosition: last?.storePosition ?? BEFORE_FIRST,
    stored,
  };
}

/** Where in the store's order the event of that revision stands. */
export function storePositionOf({ stored }: History, revision: number): number {
  return (stored[revision] as StoredEvent).storePosition;
}

/** Folds the current state of an aggregate from its stream; an absent stream gives the initial state. */
export async function readAggregate<S>(
  path: { readonly store: EventStore; readonly codec: EventCodec },
  stream: string,
  decider: Pick<Decider<never, S, never>, 'initialState' | 'evolve'>,
): Promise<Aggregate<S>> {
  const { events, revision, storePosition } = await readHistory(path, stream);
  return { state: fold(decider, events), revision, storePosition };
}
