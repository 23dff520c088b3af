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
  /**
   * Who stands behind the actor, and behind others whom the decision is about, as `kind:id`: a key is the word of whoever made it, a merged
   * account goes on as another. Whoever is absent speaks for themselves.
   */
  readonly behind?: ReadonlyMap<string, string> | undefined;
  /** Derives a stable uuid from the command id and a name: the same command always makes the same ids. */
  readonly deriveId: (name: string) => string;
}

/** An intention, imperative, addressed to one aggregate. */
export interface Command<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
  readonly metadata: CommandMetadata;
}

/** The actor of a command as `kind:id`. */
export const senderOf = ({ actor }: Pick<CommandMetadata, 'actor'>): string => `${actor.kind}:${actor.id}`;

/** Whose word it is that comes from somebody. @param sender `kind:id`, as is the answer */
export const personBehind = ({ behind }: Pick<CommandMetadata, 'behind'>, sender: string): string =>
  behind?.get(sender) ?? sender;
