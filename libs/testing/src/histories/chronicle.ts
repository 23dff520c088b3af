import { catalogue } from '#libs/contracts';
import { type SealedEvent, streamName, system } from '#libs/kernel';
import type { Fact } from './facts.js';
import { seededId } from './seeded-id.js';

/** When histories begin unless they say otherwise: a Monday morning. */
export const HISTORY_BEGINS = '2026-03-02T08:00:00.000Z';

/** Time between two facts that name none, milliseconds. */
const STEP_MS = 60_000;

/** Writes facts down as sealed events, in clear: with ids, revisions and positions as a store and a relay would give them. */
export class Chronicle {
  readonly events: SealedEvent[] = [];
  readonly #revisions = new Map<string, number>();
  readonly #tenantPositions = new Map<string, number>();
  #now: number;

  constructor(beginning: string = HISTORY_BEGINS) {
    this.#now = Date.parse(beginning) - STEP_MS;
  }

  /** Records facts in order; answers their events. @throws {TypeError} when an event does not fit the catalogue: the test is wrong */
  record(...facts: readonly Fact[]): SealedEvent[] {
    const recorded = facts.map((fact) => this.#record(fact));
    this.events.push(...recorded);
    return recorded;
  }

  #record(fact: Fact): SealedEvent {
    const { category, tenant, id } = fact;
    this.#now = fact.at === undefined ? this.#now + STEP_MS : Math.max(this.#now, Date.parse(fact.at));
    const recordedAt = new Date(this.#now).toISOString();
    const stream = streamName({ category, tenant, id });
    const { type, data } = fact.event(recordedAt);
    const problems = catalogue.problems(type, data);
    if (problems.length > 0) throw new TypeError(`${type} does not fit the catalogue: ${problems.join('; ')}`);
    const revision = next(this.#revisions, stream);
    const eventId = fact.eventId ?? seededId('event', stream, revision);
    return {
      id: eventId,
      type,
      schemaVersion: catalogue.entry(type)?.schemaVersion ?? 1,
      tenant,
      stream,
      revision,
      position: next(this.#tenantPositions, ''),
      tenantPosition: next(this.#tenantPositions, tenant),
      recordedAt,
      sealedAt: recordedAt,
      data,
      metadata: {
        actor: fact.actor ?? system('configuration'),
        commandId: seededId('command', eventId),
        commandDigest: '0'.repeat(64),
        correlationId: seededId('correlation', eventId),
      },
    };
  }
}

/** The events of facts that happen one after the other. */
export function historyOf(...facts: readonly Fact[]): SealedEvent[] {
  return new Chronicle().record(...facts);
}

function next(counters: Map<string, number>, name: string): number {
  const value = (counters.get(name) ?? -1) + 1;
  counters.set(name, value);
  return value;
}
