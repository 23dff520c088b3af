import type { DomainEvent, EventMetadata, RecordedEvent } from '#libs/kernel';
import type { EventToAppend, StoredEvent } from './event-store.port.js';

/** A decided event with its place and stamp, still in clear. */
export interface EventInClear extends DomainEvent {
  readonly id: string;
  readonly stream: string;
  readonly recordedAt: string;
  readonly metadata: EventMetadata;
}

/**
 * Between facts in clear and bytes at rest: checks an event against its schema and encrypts its personal fields before the append;
 * decrypts and upcasts to the newest schema version after the read. A field whose key is gone reads as `[erased]`.
 */
export interface EventCodec {
  /** @throws when an event is unknown to the catalogue or does not match its schema: a bug, nothing was appended */
  encode(events: readonly EventInClear[]): Promise<EventToAppend[]>;
  /** Keeps the order. @throws when a type or schema version is newer than this software knows */
  decode(events: readonly StoredEvent[]): Promise<RecordedEvent[]>;
}
