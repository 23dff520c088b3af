import { type Json, parseStreamName } from '#libs/kernel';
import { InvalidAppendError } from '../event-store.errors.js';
import { type EventToAppend, NO_STREAM } from '../event-store.port.js';

/** Most events of one append. */
export const MAX_EVENTS_PER_APPEND = 1_000;

/** Largest data or metadata of one event, in bytes of JSON. */
export const MAX_EVENT_BYTES = 1_000_000;

const MAX_STREAM_NAME_LENGTH = 500;
const MAX_TYPE_LENGTH = 200;
const MAX_INT = 2_147_483_647;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u;

/** An event as the database takes it: JSON already text. */
export interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly recordedAt: string;
  readonly data: string;
  readonly metadata: string;
}

/** One append, checked, ready for a batch. */
export interface AppendRequest {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly EventRow[];
  /** Bytes of JSON in all events. */
  readonly bytes: number;
}

/**
 * Checks an append before it joins a batch, so that one that the database would refuse never fails its neighbours.
 * @throws {InvalidAppendError} naming what is wrong, never the value
 */
export function appendRequest(stream: string, expected: number, events: readonly EventToAppend[]): AppendRequest {
  need(stream.length <= MAX_STREAM_NAME_LENGTH && PRINTABLE.test(stream) && isStreamName(stream), 'stream name');
  need(isInt(expected, NO_STREAM) && expected + events.length <= MAX_INT, 'expected revision');
  need(events.length > 0 && events.length <= MAX_EVENTS_PER_APPEND, `number of events (1–${MAX_EVENTS_PER_APPEND})`);
  need(new Set(events.map(({ id }) => id)).size === events.length, 'event id (used twice)');
  const rows = events.map(eventRow);
  return {
    stream,
    expected,
    events: rows,
    bytes: rows.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0),
  };
}

function eventRow({ id, type, schemaVersion, recordedAt, data, metadata }: EventToAppend): EventRow {
  need(UUID.test(id), 'event id (a uuid in lower case)');
  need(type.length <= MAX_TYPE_LENGTH && PRINTABLE.test(type), 'event type');
  need(isInt(schemaVersion, 1), 'schema version');
  need(STAMP.test(recordedAt), 'recordedAt (ISO-8601 UTC with milliseconds)');
  return {
    id,
    type,
    schemaVersion,
    recordedAt,
    data: jsonText(data, 'data'),
    metadata: jsonText(metadata, 'metadata'),
  };
}

/** Lone surrogates are refused here because RFC 8785 cannot hash them: such an event could be stored but never sealed. */
function jsonText(value: unknown, field: string): string {
  const text = JSON.stringify(value);
  need(text !== undefined, field);
  need(Buffer.byteLength(text) <= MAX_EVENT_BYTES, `${field} (at most ${MAX_EVENT_BYTES} bytes)`);
  need(!/\\ud[89a-f]/.test(text) || isWellFormed(value as Json), `${field} (a text with half a surrogate pair)`);
  return text;
}

function isWellFormed(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
}

function isStreamName(stream: string): boolean {
  try {
    return parseStreamName(stream).category !== '';
  } catch {
    return false;
  }
}

const isInt = (value: number, least: number) => Number.isInteger(value) && value >= least && value <= MAX_INT;

function need(holds: boolean, what: string): void {
  if (!holds) throw new InvalidAppendError(what);
}
