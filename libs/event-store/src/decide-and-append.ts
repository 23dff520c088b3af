import type { Clock, Command, CommandMetadata, Decider, DomainEvent, EventMetadata, RecordedEvent } from '#libs/kernel';
import { fold } from '#libs/kernel';
import type { EventCodec, EventInClear } from './event-codec.port.js';
import { eventId } from './event-id.js';
import { AppendUnavailableError, IdempotencyKeyReusedError, WrongExpectedRevisionError } from './event-store.errors.js';
import { type Appended, BEFORE_FIRST, type EventStore, type EventToAppend, NO_STREAM } from './event-store.port.js';
import { type History, readHistory, storePositionOf } from './history.js';

/** How often a command is decided again after somebody else appended first. */
const MAX_RETRIES = 3;

/** What deciding and appending needs. */
export interface WritePath {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly clock: Clock;
}

/** What a command came to. */
export interface Outcome<S> {
  /** Appended now, or recorded earlier for the same command id. Empty when nothing follows from the command. */
  readonly events: readonly RecordedEvent[];
  /** State right after those events. */
  readonly state: S;
  /** Revision of the last of those events; of the stream's last event when there are none. */
  readonly revision: number;
  /** Likewise in the store's order, for the position token. */
  readonly storePosition: number;
  /** Whether the command had been carried out before. */
  readonly repeated: boolean;
}

/**
 * Carries out a command on one aggregate: reads the stream, decides, appends at the revision read. If somebody else appended
 * meanwhile it reads and decides again, at most 3 times. A command whose id is already in the stream changes nothing and gets the
 * outcome of the first time, also after the stream has moved on. Two simultaneous copies of one command have one effect.
 * @param known the stream as the caller has read it before: then only what has happened since is read
 * @throws {IdempotencyKeyReusedError} when the command id was used with another body
 * @throws {WrongExpectedRevisionError} when the stream would not hold still
 * @throws {AppendUnavailableError} when the outcome is unknown even after a second try
 * @throws what the decider or the codec throws; then nothing was appended
 */
export async function decideAndAppend<C extends Command, S, E extends DomainEvent>(
  path: WritePath,
  stream: string,
  decider: Decider<C, S, E>,
  command: C,
  known?: History,
): Promise<Outcome<S>> {
  let history = known;
  for (let retries = 0; ; retries += 1) {
    history = await readHistory(path, stream, history);
    const outcome = repeatedOutcome(decider, history, command.metadata);
    if (outcome) return outcome;
    try {
      const decided = await decideOnce(path, stream, decider, command, history);
      // a simultaneous copy of the command was quicker: what it recorded is the answer to both
      if (!decided.repeated) return decided;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevisionError) || retries === MAX_RETRIES) throw error;
    }
  }
}

/**
 * Carries out a command that begins a stream: decides as for a stream that does not exist, and appends without reading. Where there is one
 * already it goes on as `decideAndAppend`, with the same outcome and guarantees. Where most streams are new it saves a read for each.
 * @throws what `decideAndAppend` throws; and what the decider throws for a stream that does not exist
 */
export async function decideAndBegin<C extends Command, S, E extends DomainEvent>(
  path: WritePath,
  stream: string,
  decider: Decider<C, S, E>,
  command: C,
): Promise<Outcome<S>> {
  try {
    const decided = await decideOnce(path, stream, decider, command, NOTHING);
    if (!decided.repeated && decided.events.length > 0) return decided;
  } catch (error) {
    if (!(error instanceof WrongExpectedRevisionError)) throw error;
  }
  return decideAndAppend(path, stream, decider, command);
}

const NOTHING: History = { events: [], stored: [], revision: NO_STREAM, storePosition: BEFORE_FIRST };

/** Answers what the command did the first time, if it was carried out before. */
function repeatedOutcome<S>(
  decider: Pick<Decider<never, S, never>, 'initialState' | 'evolve'>,
  history: History,
  { commandId, commandDigest }: CommandMetadata,
): Outcome<S> | null {
  const events = history.events.filter(({ metadata }) => metadata.commandId === commandId);
  const last = events.at(-1);
  if (!last) return null;
  if (events.some(({ metadata }) => metadata.commandDigest !== commandDigest)) throw new IdempotencyKeyReusedError();
  const state = fold(decider, history.events.slice(0, last.revision + 1));
  return {
    events,
    state,
    revision: last.revision,
    storePosition: storePositionOf(history, last.revision),
    repeated: true,
  };
}

async function decideOnce<C extends Command, S, E extends DomainEvent>(
  { store, codec, clock }: WritePath,
  stream: string,
  decider: Decider<C, S, E>,
  command: C,
  history: History,
): Promise<Outcome<S>> {
  const before = fold(decider, history.events);
  const decided = decider.decide(command, before);
  const { revision, storePosition } = history;
  if (decided.length === 0) return { events: [], state: before, revision, storePosition, repeated: false };

  const inClear = stamp(decided, stream, command.metadata, laterOf(clock, history));
  const encoded = await codec.encode(inClear);
  const appended = await appendSurely(store, stream, revision, encoded);
  const events = inClear.map((event, index) =>
    recorded(event, encoded[index] as EventToAppend, revision + 1 + index, command),
  );
  return { events, state: events.reduce(decider.evolve, before), ...appended };
}

/** An unknown outcome is asked for once more with the same event ids: the store recognises what it already has. */
async function appendSurely(
  store: EventStore,
  stream: string,
  expected: number,
  events: EventToAppend[],
): Promise<Appended> {
  try {
    return await store.append(stream, expected, events);
  } catch (error) {
    if (!(error instanceof AppendUnavailableError)) throw error;
    return store.append(stream, expected, events);
  }
}

/** The time of recording never runs backwards in a stream, whatever the clocks of the writers say. */
function laterOf(clock: Clock, history: History): string {
  const now = clock.now().toISOString();
  const previous = history.events.at(-1)?.recordedAt ?? now;
  return now > previous ? now : previous;
}

function stamp(
  events: readonly DomainEvent[],
  stream: string,
  command: CommandMetadata,
  recordedAt: string,
): EventInClear[] {
  const metadata = eventMetadata(command);
  return events.map(({ type, data }, index) => ({
    id: eventId(command, stream, index),
    type,
    data,
    stream,
    recordedAt,
    metadata,
  }));
}

function eventMetadata(command: CommandMetadata): EventMetadata {
  const { actor, commandId, commandDigest, correlationId, causationId, traceparent } = command;
  return {
    actor,
    commandId,
    commandDigest,
    correlationId,
    ...(causationId === undefined ? {} : { causationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function recorded(
  event: EventInClear,
  { schemaVersion }: EventToAppend,
  revision: number,
  command: Command,
): RecordedEvent {
  return { ...event, schemaVersion, revision, tenant: command.metadata.tenant };
}
