import { type EventLog, type LoggedEvent, METADATA_TYPE, type ProposedEvent, TOMBSTONE_TYPE } from './event-log.js';

/** Where a writer believes that a stream ends. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint;

/** What becomes of an append. */
export type Verdict =
  | { readonly kind: 'append'; readonly revives: boolean }
  | { readonly kind: 'repeat'; readonly last: LoggedEvent }
  | { readonly kind: 'wrong-expected-version'; readonly current: number }
  | { readonly kind: 'stream-deleted' };

/** `$tb` of a stream that was deleted but may be written again: the largest 64-bit integer. */
const DELETED_BEFORE = 9_223_372_036_854_775_807n;
const SOFT_DELETED = Number(DELETED_BEFORE);

/** What the metadata of a stream says about which of its events may be read. */
interface Retention {
  readonly $tb?: number;
  readonly $maxCount?: number;
  readonly $maxAge?: number;
}

/**
 * Decides an append by the rules of the server: an append whose events all stand where it wants them is a repeat; one of which only
 * some stand there, or that comes too early or too late, is refused. Without a revision, repeats are recognised by id alone.
 */
export function judgeAppend(log: EventLog, stream: string, expected: Expected, ids: readonly string[]): Verdict {
  const last = log.last(stream);
  if (last?.type === TOMBSTONE_TYPE) return { kind: 'stream-deleted' };
  const current = last?.revision ?? -1;
  const deleted = isSoftDeleted(log, stream);
  if (expected === 'stream_exists' && deleted) return { kind: 'stream-deleted' };
  const wrong: Verdict = { kind: 'wrong-expected-version', current };
  if (expected === 'stream_exists' && current < 0 && !log.last(`$$${stream}`)) return wrong;
  const append: Verdict = { kind: 'append', revives: deleted };

  const first = expected === 'no_stream' ? 0 : typeof expected === 'bigint' ? Number(expected) + 1 : undefined;
  if (first !== undefined && first > current + 1) return wrong;
  if (first === current + 1) return append;
  const places = ids.map((id, index) => (first === undefined ? log.find(stream, id) : log.at(stream, first + index)));
  const stranger = places.findIndex((place, index) => place?.id !== ids[index]);
  const lastPlace = places.at(-1);
  if (stranger === -1 && lastPlace) return { kind: 'repeat', last: lastPlace };
  if (stranger === 0 || ids.length === 0) return first === undefined || (first === 0 && deleted) ? append : wrong;
  return wrong;
}

/** Whether a stream was deleted in the way that lets it be written again. */
export function isSoftDeleted(log: EventLog, stream: string): boolean {
  return (retention(log.last(`$$${stream}`)).$tb ?? 0) >= SOFT_DELETED;
}

/** Deletes a stream so that it may be written again: an entry in its metadata. */
export function softDeletion(id: string): ProposedEvent {
  return truncation(id, DELETED_BEFORE);
}

/** Hides everything before a revision. */
export function truncation(id: string, before: bigint): ProposedEvent {
  const data = Buffer.from(`{"$tb":${before}}`);
  return { id, type: METADATA_TYPE, contentType: 'application/json', data, metadata: Buffer.alloc(0) };
}

/** Deletes a stream for ever. */
export function tombstone(id: string): ProposedEvent {
  const empty = Buffer.alloc(0);
  return { id, type: TOMBSTONE_TYPE, contentType: 'application/octet-stream', data: empty, metadata: empty };
}

/** What a reader of one stream finds. */
export type Readable =
  | { readonly kind: 'found'; readonly events: readonly LoggedEvent[]; readonly first: number }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'deleted' };

/** The events of a stream that may be read: those from revision `first` on that are not older than its metadata allows. */
export function readable(log: EventLog, stream: string, now: number): Readable {
  const events = log.visibleIn(stream);
  const last = events.at(-1);
  if (!last) return { kind: 'not-found' };
  if (last.type === TOMBSTONE_TYPE) return { kind: 'deleted' };
  const { $tb = 0, $maxCount, $maxAge } = retention(log.visibleIn(`$$${stream}`).at(-1));
  if ($tb >= SOFT_DELETED) return { kind: 'not-found' };
  const counted = $maxCount === undefined ? 0 : events.length - $maxCount;
  const oldest = $maxAge === undefined ? 0 : events.findIndex(({ created }) => created >= now - $maxAge * 1_000);
  const first = Math.max(0, $tb, counted, oldest === -1 ? events.length : oldest);
  return { kind: 'found', events, first };
}

function retention(event: LoggedEvent | undefined): Retention {
  if (event?.type !== METADATA_TYPE) return {};
  try {
    return JSON.parse(event.data.toString('utf8')) as Retention;
  } catch {
    return {};
  }
}
