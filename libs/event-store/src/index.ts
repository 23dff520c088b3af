export { appendOnce } from './append-once.js';
export { decideAndAppend, decideAndBegin, type Outcome, type WritePath } from './decide-and-append.js';
export type { EventCodec, EventInClear } from './event-codec.port.js';
export { deriveId, eventId } from './event-id.js';
export {
  AppendUnavailableError,
  EventIdTakenError,
  EventStoreBusyError,
  IdempotencyKeyReusedError,
  InvalidAppendError,
  WrongExpectedRevisionError,
} from './event-store.errors.js';
export {
  type Appended,
  BEFORE_FIRST,
  type EventStore,
  type EventToAppend,
  type LogPage,
  type LogQuery,
  NO_STREAM,
  type StoredEvent,
  type StreamQuery,
} from './event-store.port.js';
export { type Aggregate, type History, readAggregate, readHistory } from './history.js';
export { EventStoreRefusedError, EventStoreUrlError } from './kurrentdb/kurrentdb.errors.js';
export {
  type KurrentDbEventStoreOptions,
  type KurrentDbTimeouts,
  kurrentDbEventStore,
} from './kurrentdb/kurrentdb-event-store.js';
export { isKurrentDbUrl, type KurrentDbUrl, parseKurrentDbUrl } from './kurrentdb/kurrentdb-url.js';
export { Nudge } from './nudge.js';
export { decodePositionToken, encodePositionToken, InvalidPositionTokenError } from './position-token.js';
export { eventStoreMigrations } from './postgres/event-store.migration.js';
export { type PostgresEventStoreOptions, postgresEventStore } from './postgres/postgres-event-store.js';
