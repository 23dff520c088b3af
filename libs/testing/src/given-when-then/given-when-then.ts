import { catalogue } from '#libs/contracts';
import {
  type Actor,
  type Command,
  type CommandMetadata,
  type Decider,
  DomainError,
  type DomainEvent,
  fold,
  type RecordedEvent,
} from '#libs/kernel';
import { Chronicle, HISTORY_BEGINS } from '../histories/chronicle.js';
import type { Fact } from '../histories/facts.js';
import { seededId } from '../histories/seeded-id.js';

/** How long after the last fact a command is given, unless it says when, milliseconds. */
const STEP_MS = 60_000;

/** Who asks, unless said otherwise. */
const ADMINISTRATOR: Actor = { kind: 'key', id: seededId('key of the administrator') };

/** A command without its metadata; a spec says only what matters: who asks, who stands behind whom, and when. */
export type Asked<C extends Command> = C extends unknown
  ? {
      readonly type: C['type'];
      readonly data: C['data'];
      readonly by?: Actor;
      readonly behind?: CommandMetadata['behind'];
      readonly at?: string;
    }
  : never;

/** One event that a decision must hold: its type and what it must say at least. */
export interface ExpectedEvent {
  readonly type: string;
  readonly data: object;
}

/** What a decision must come to: `nothing`, a refusal, or exactly these events in this order. */
export type Expectation = typeof nothing | Refusal | ExpectedEvent;

interface Refusal {
  readonly refused: string;
}

/** The command is accepted and changes nothing. */
export const nothing = { nothing: true } as const;

/** The command is refused with this code. */
export const refuses = (code: string): Refusal => ({ refused: code });

/** The decision holds an event of this type that says at least this. */
export const records = (type: string, data: object = {}): ExpectedEvent => ({ type, data });

/** What `given` answers: the history is known, a command may come. */
export interface Given<C extends Command, S> {
  when(asked: Asked<C>): Then;
  /** The state that the history folds to. */
  readonly state: S;
}

/** What `when` answers: a decision, to be compared. */
export interface Then {
  then(...expected: readonly Expectation[]): void;
  /** The decision itself, as recorded after the history. @throws what the decider throws */
  readonly events: readonly RecordedEvent[];
}

/**
 * Reads specs of a decider as sentences: `account.given(…facts).when(command).then(…outcome)`.
 * Besides the outcome it checks what holds for every decision: the catalogue accepts each event, and the decider can fold it.
 */
export function deciding<C extends Command, S, E extends DomainEvent>(decider: Decider<C, S, E>) {
  return {
    given(...facts: readonly Fact[]): Given<C, S> {
      const chronicle = new Chronicle();
      chronicle.record(...facts);
      const state = fold(decider, chronicle.events);
      return {
        state,
        when: (asked) => outcomeOf(() => decide(decider, state, chronicle.events, asked as Asked<Command>)),
      };
    },
  };
}

function decide<C extends Command, S, E extends DomainEvent>(
  decider: Decider<C, S, E>,
  state: S,
  history: readonly RecordedEvent[],
  { type, data, by, behind, at }: Asked<Command>,
): RecordedEvent[] {
  const last = history.at(-1);
  const now = at ?? new Date(Date.parse(last?.recordedAt ?? HISTORY_BEGINS) + STEP_MS).toISOString();
  const metadata = metadataOf(`command after ${history.length}`, last?.tenant ?? 'acme', now, by);
  const decided = decider.decide({ type, data, metadata: { ...metadata, behind } } as unknown as C, state);
  const recorded = recordedAfter(history, decided, metadata);
  recorded.reduce(decider.evolve, state);
  return recorded;
}

/** Metadata of a command in a test: ids depend on the seed alone. */
export function metadataOf(seed: string, tenant: string, now: string, actor: Actor = ADMINISTRATOR): CommandMetadata {
  const commandId = seededId('command', seed, tenant, now);
  return {
    tenant,
    actor,
    commandId,
    commandDigest: '0'.repeat(64),
    correlationId: seededId('correlation', commandId),
    now,
    deriveId: (name) => seededId('derived', commandId, name),
  };
}

/**
 * Writes decided events down behind a history of the same stream.
 * @throws {TypeError} when the catalogue refuses one: a decider must never decide what cannot be recorded
 */
export function recordedAfter(
  history: readonly RecordedEvent[],
  decided: readonly DomainEvent[],
  { tenant, actor, commandId, commandDigest, correlationId, now }: CommandMetadata,
): RecordedEvent[] {
  const last = history.at(-1);
  const recordedAt = last && last.recordedAt > now ? last.recordedAt : now;
  return decided.map(({ type, data }, index) => {
    const problems = catalogue.problems(type, data);
    if (problems.length > 0) throw new TypeError(`${type} does not fit the catalogue: ${problems.join('; ')}`);
    return {
      id: seededId('event', commandId, index),
      type,
      data,
      schemaVersion: catalogue.entry(type)?.schemaVersion ?? 1,
      tenant,
      stream: last?.stream ?? `test-${tenant}+1`,
      revision: (last?.revision ?? -1) + 1 + index,
      recordedAt,
      metadata: { actor, commandId, commandDigest, correlationId },
    };
  });
}

function outcomeOf(decision: () => RecordedEvent[]): Then {
  return {
    get events() {
      return decision();
    },
    // biome-ignore lint/suspicious/noThenProperty: the word of the sentence; nobody awaits it
    then(...expected) {
      expect(attempt(decision)).toEqual(expected.length === 1 && expected[0] === nothing ? [] : asExpected(expected));
    },
  };
}

function attempt(decision: () => RecordedEvent[]): readonly ExpectedEvent[] | Refusal {
  try {
    return decision().map(({ type, data }) => ({ type, data: data as object }));
  } catch (error) {
    if (error instanceof DomainError) return refuses(error.code);
    throw error;
  }
}

function asExpected(expected: readonly Expectation[]): unknown {
  const [first] = expected;
  if (first && 'refused' in first) return first;
  return expected.map((each) =>
    'type' in each ? { type: each.type, data: expect.objectContaining(each.data) } : each,
  );
}
