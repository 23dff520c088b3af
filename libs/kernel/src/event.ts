import type { Actor } from './actor.js';

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A fact as a decider states it: past tense, not yet recorded. `data` is JSON. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Who and what caused an event. No personal data in any field. */
export interface EventMetadata {
  readonly actor: Actor;
  /** Uuid of the command that caused the event; one effect per command id. */
  readonly commandId: string;
  /** HMAC-SHA-256 (hex) of the command's canonical body: tells a repeat from a reuse of the command id. */
  readonly commandDigest: string;
  readonly correlationId: string;
  /** Id of the event that caused this one, when an event did. */
  readonly causationId?: string | undefined;
  /** W3C trace context of the request. */
  readonly traceparent?: string | undefined;
}

/** An event as read from its stream: what was recorded, by whom, when and where in its stream. */
export interface RecordedEvent<Type extends string = string, Data = unknown> extends DomainEvent<Type, Data> {
  readonly id: string;
  readonly schemaVersion: number;
  readonly tenant: string;
  readonly stream: string;
  /** Index in the stream, 0-based. */
  readonly revision: number;
  /** ISO-8601 UTC with milliseconds, as stamped by the appending process; never below the previous event of the stream. */
  readonly recordedAt: string;
  readonly metadata: EventMetadata;
}

/** A recorded event with its place in the sealed log. */
export interface SealedEvent<Type extends string = string, Data = unknown> extends RecordedEvent<Type, Data> {
  /** Index in the sealed log: dense, 0-based, the same for every reader. */
  readonly position: number;
  /** Index among the tenant's sealed events: dense, 0-based. */
  readonly tenantPosition: number;
  readonly sealedAt: string;
}
