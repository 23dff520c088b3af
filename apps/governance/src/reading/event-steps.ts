import { Injectable } from '@nestjs/common';
import type { SealedEvent } from '#libs/kernel';

/** What a part of governance does when something has happened. */
export interface EventStep {
  /** For logs. */
  readonly name: string;
  /** Types of events that it looks at. */
  readonly types: readonly string[];
  /**
   * Carries out what follows from an event, whose personal fields are in clear; the read model has the event, and maybe more. It comes again
   * after a crash or a failure, so it must be recognised: commands derive their ids from the event. Throwing means that it is tried again,
   * and nothing of its stream is followed beyond it until it succeeds; other streams go on.
   */
  handle(event: SealedEvent): Promise<void>;
}

/** Every part registers its steps when modules are initialised, before reading begins. */
@Injectable()
export class EventSteps {
  readonly #steps: EventStep[] = [];

  /** Has a step taken for each event of its types from now on. */
  add(step: EventStep): void {
    this.#steps.push(step);
  }

  /** Types that any step looks at. */
  get types(): ReadonlySet<string> {
    return new Set(this.#steps.flatMap(({ types }) => types));
  }

  /** Steps for an event, in the order in which they were added. */
  for({ type }: Pick<SealedEvent, 'type'>): readonly EventStep[] {
    return this.#steps.filter(({ types }) => types.includes(type));
  }
}
