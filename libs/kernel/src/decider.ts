import type { Command } from './command.js';
import type { DomainEvent, RecordedEvent } from './event.js';

/**
 * An aggregate as three pure parts. `decide` states what follows from a command, or throws a `DomainError`;
 * no events means that nothing changes. `evolve` folds one recorded event into the state and throws on a type it does not know:
 * a skipped fact would be a hole in the access state.
 */
export interface Decider<C extends Command, S, E extends DomainEvent> {
  readonly initialState: S;
  decide(command: C, state: S): readonly E[];
  evolve(state: S, event: RecordedEvent): S;
}

/** Folds a history into a state. */
export function fold<S>(
  decider: Pick<Decider<never, S, never>, 'initialState' | 'evolve'>,
  events: Iterable<RecordedEvent>,
): S {
  let state = decider.initialState;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
