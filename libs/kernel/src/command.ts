import type { Actor } from './actor.js';

/** What a decider may know besides the command's own fields: time, identity and derived ids come in from outside. */
export interface CommandMetadata {
  readonly tenant: string;
  readonly actor: Actor;
  /** Uuid v5 of (tenant, caller, method and path, `Idempotency-Key`), or of (connection, assertion id) for a sign-in. */
  readonly commandId: string;
  /** HMAC-SHA-256 (hex) of the canonical body under the look-up key. */
  readonly commandDigest: string;
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** The instant of the decision, ISO-8601 UTC with milliseconds. */
  readonly now: string;
  /** Derives a stable uuid from the command id and a name: the same command always makes the same ids. */
  readonly deriveId: (name: string) => string;
}

/** An intention, imperative, addressed to one aggregate. */
export interface Command<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
  readonly metadata: CommandMetadata;
}
