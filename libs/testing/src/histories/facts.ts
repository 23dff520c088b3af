import type { Actor, DomainEvent } from '#libs/kernel';

/** Something that happened, before it is known when. */
export interface Fact {
  readonly category: string;
  readonly tenant: string;
  /** Of the stream. */
  readonly id: string;
  /** Of the event, where others refer to it; otherwise made up. */
  readonly eventId?: string;
  readonly actor?: Actor;
  /** ISO-8601 UTC; otherwise a step after the fact before. */
  readonly at?: string;
  /** The event, given the instant at which it is recorded. */
  readonly event: (at: string) => DomainEvent;
}

/** The same fact at an instant of its own, ISO-8601 UTC with milliseconds. */
export const at = (instant: string, fact: Fact): Fact => ({ ...fact, at: instant });

/** The same fact, done by somebody else. */
export const doneBy = (actor: Actor, fact: Fact): Fact => ({ ...fact, actor });
