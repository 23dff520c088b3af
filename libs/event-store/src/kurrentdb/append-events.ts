import type { EventData } from '@kurrent/kurrentdb-client';
import { InvalidAppendError, WrongExpectedRevisionError } from '../event-store.errors.js';
import { type Appended, NO_STREAM } from '../event-store.port.js';
import type { AppendRequest } from '../postgres/append-request.js';
import type { Call } from './connection.js';
import { failureOf } from './failure.js';
import { upToThreeTimes } from './patience.js';
import { readFound } from './read-events.js';
import { eventToSend, type FoundEvent } from './stored-form.js';

/**
 * Appends, and says exactly what came of it. An unknown outcome is asked for again with the same event ids, of which the server keeps one.
 *
 * The server does not say whether it wrote the events or had them already, so each append carries an id of its own beside the metadata of its
 * events: what stands in the stream afterwards tells who wrote it, also when two copies of one command arrive at once. That costs a read of
 * one event. The position that the server answers would not do: a copy that was a moment quicker has a position after our start as well.
 * @param appendId unique to this append, the same for all its attempts
 * @throws {WrongExpectedRevisionError} when the stream stands elsewhere; nothing was appended
 * @throws {InvalidAppendError} when the server does not take that much at once; nothing was appended
 * @throws {EventStoreRefusedError} when the server does not let us in or the stream was deleted there
 * @throws {AppendUnavailableError} when the outcome is still unknown after the last attempt
 */
export async function appendEvents(
  call: Call,
  request: AppendRequest,
  appendId: string,
  closing: AbortSignal,
): Promise<Appended> {
  const events = request.events.map((row) => eventToSend(row, appendId));
  const { event, appendId: writtenBy } = await upToThreeTimes(() => attemptOnce(call, request, events), closing);
  return { revision: event.revision, storePosition: event.storePosition, repeated: writtenBy !== appendId };
}

/** @returns the last event of the append as it stands in the stream */
async function attemptOnce(call: Call, request: AppendRequest, events: EventData[]): Promise<FoundEvent> {
  const { stream, expected } = request;
  const streamState = expected === NO_STREAM ? 'no_stream' : BigInt(expected);
  try {
    await call.ask((client) => client.appendToStream(stream, events, { streamState }));
  } catch (error) {
    return afterRefusal(call, request, error);
  }
  return lastOf(call, request);
}

/**
 * A conflict may be a repeat that the server did not recognise, and it has no word of its own for "some of these are there already": the
 * stream itself tells. Where it says nothing, the failure stays what it was.
 */
async function afterRefusal(call: Call, request: AppendRequest, error: unknown): Promise<FoundEvent> {
  const failure = failureOf(error);
  if (failure === 'too-large')
    throw new InvalidAppendError(`size (${request.bytes} bytes are more than the server takes)`);
  if (failure !== 'conflict' && failure !== 'unclear') throw error;
  const found = await standing(call, request);
  const last = found.at(-1);
  const same =
    found.length === request.events.length && found.every(({ event }, at) => event.id === request.events[at]?.id);
  if (same && last) return last;
  if (failure === 'conflict' || last) throw new WrongExpectedRevisionError(request.stream, request.expected);
  throw error;
}

/** What stands where the append wants to put its events. */
function standing(call: Call, { stream, expected, events }: AppendRequest): Promise<readonly FoundEvent[]> {
  return readFound(call, stream, { from: expected + 1, limit: events.length });
}

async function lastOf(call: Call, { stream, expected, events }: AppendRequest): Promise<FoundEvent> {
  const from = expected + events.length;
  const [last] = await readFound(call, stream, { from, limit: 1 });
  if (last?.event.id === events.at(-1)?.id && last) return last;
  throw new Error(
    `The event store acknowledged an append that is not in the stream (stream: ${stream}, revision: ${from}).`,
  );
}
