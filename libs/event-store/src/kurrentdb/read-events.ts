import type { AllStreamResolvedEvent, ReadPosition } from '@kurrent/kurrentdb-client';
import { AppendUnavailableError } from '../event-store.errors.js';
import { BEFORE_FIRST, type LogPage, type LogQuery, type StoredEvent, type StreamQuery } from '../event-store.port.js';
import { MAX_PAGE } from '../postgres/event-queries.js';
import type { Call } from './connection.js';
import { failureOf, NoAnswerError } from './failure.js';
import { EventStoreRefusedError } from './kurrentdb.errors.js';
import { upToThreeTimes } from './patience.js';
import { type FoundEvent, foundEvent, OUR_STREAMS } from './stored-form.js';

const DEFAULT_LOG_PAGE = 1_000;

/**
 * Reads again after a moment when the server was just not there or another one leads now; not when it is silent, because that has taken its
 * time already.
 * @throws {AppendUnavailableError} when there is no answer in the end
 */
export function readSurely<T>(read: () => Promise<T>, closing: AbortSignal): Promise<T> {
  const readOnce = () =>
    read().catch((error: unknown) => {
      throw error instanceof NoAnswerError ? new AppendUnavailableError(error) : error;
    });
  return upToThreeTimes(readOnce, closing);
}

/** Reads one stream in either direction; an absent stream is an empty one. */
export async function readStream(call: Call, stream: string, query: StreamQuery): Promise<readonly StoredEvent[]> {
  const { direction = 'forward', from } = query;
  const limit = pageSize(query.limit, MAX_PAGE);
  if (direction === 'backward' && from !== undefined && from < 0) return [];
  const found = await readFound(call, stream, { direction, from, limit });
  const events = found.map(({ event }) => event);
  needWhole(stream, events, direction === 'forward' ? Math.max(from ?? 0, 0) : undefined);
  return events;
}

/** Reads events of one stream together with the append that wrote them; none when the stream is absent. */
export async function readFound(
  call: Call,
  stream: string,
  { direction = 'forward', from, limit }: StreamQuery & { readonly limit: number },
): Promise<readonly FoundEvent[]> {
  const end = direction === 'forward' ? 'start' : 'end';
  const reach = {
    direction: direction === 'forward' ? 'forwards' : 'backwards',
    fromRevision: from === undefined ? end : BigInt(Math.max(from, 0)),
    maxCount: limit,
  } as const;
  const reading = call.ask(async (client, alive) => {
    const found: FoundEvent[] = [];
    for await (const { event } of client.readStream(stream, { ...call.reading, ...reach })) {
      alive();
      if (event) found.push(foundEvent(event));
    }
    return found;
  });
  return reading.catch((error: unknown) => {
    if (failureOf(error) === 'absent') return [];
    throw error;
  });
}

/** A server can be told to forget the beginning of a stream. Then no fold of it is right any more. */
function needWhole(stream: string, events: readonly StoredEvent[], first: number | undefined): void {
  const [{ revision: start } = { revision: first }] = events;
  const step = first === undefined ? -1 : 1;
  const gap = events.find(({ revision }, index) => revision !== (first ?? (start as number)) + step * index);
  if (!gap) return;
  throw new EventStoreRefusedError(
    `events before revision ${gap.revision} of a stream are gone (stream: ${stream}). Remove its $maxCount, $maxAge and $tb, or restore the backup.`,
  );
}

/** Position of the last event of Gatebook, whatever the server has written for itself since. */
export async function readHead(call: Call): Promise<number> {
  return (await lastEvent(call))?.storePosition ?? BEFORE_FIRST;
}

async function lastEvent(call: Call): Promise<StoredEvent | undefined> {
  const [last] = await readAll(
    call,
    { direction: 'backwards', fromPosition: 'end', maxCount: 1 },
    { regex: OUR_STREAMS },
  );
  return last;
}

/** Reads the log in the server's order. */
export async function readLog(call: Call, query: LogQuery): Promise<LogPage> {
  const limit = pageSize(query.limit, DEFAULT_LOG_PAGE);
  if (query.categories) return readCategories(call, query.after, limit, new Set(query.categories));
  const events = (await readAfter(call, query.after, limit, { regex: OUR_STREAMS })).slice(0, limit);
  return { events, through: events.at(-1)?.storePosition ?? query.after };
}

/**
 * The server looks only for these categories, and for the stream of the event that is the last of the log when the search begins. To meet that
 * event proves, in one answer, that the search came as far as that: so `through` can move on, even if the two questions were answered by
 * different nodes of which one lags behind.
 */
async function readCategories(
  call: Call,
  after: number,
  limit: number,
  categories: ReadonlySet<string>,
): Promise<LogPage> {
  const last = await lastEvent(call);
  const head = last?.storePosition ?? BEFORE_FIRST;
  if (!last || head <= after || categories.size === 0) return { events: [], through: Math.max(head, after) };
  const prefixes = [...[...categories].map((category) => `${category}-`), last.stream];
  for (let from = after; ; ) {
    const page = await readAfter(call, from, limit, { prefixes });
    const events = page.filter(({ stream }) => categories.has(categoryOf(stream))).slice(0, limit);
    const through = events.length === limit ? events.at(-1)?.storePosition : page.at(-1)?.storePosition;
    if (through === undefined || events.length > 0 || through >= head) return { events, through: through ?? from };
    from = through;
  }
}

/** The category of a stream, by its name. */
export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

type Wanted = { readonly regex: string } | { readonly prefixes: string[] };

/**
 * Events after a position, which has to be one that an event has. The server begins with that event itself if the search finds it, so one more
 * is asked for.
 */
async function readAfter(call: Call, after: number, limit: number, wanted: Wanted): Promise<StoredEvent[]> {
  const commit = BigInt(after);
  const fromPosition = after === BEFORE_FIRST ? 'start' : { commit, prepare: commit };
  const events = await readAll(call, { direction: 'forwards', fromPosition, maxCount: limit + 1 }, wanted);
  return events.filter(({ storePosition }) => storePosition > after);
}

interface Reach {
  readonly direction: 'forwards' | 'backwards';
  readonly fromPosition: ReadPosition;
  readonly maxCount: number;
}

function readAll(call: Call, reach: Reach, wanted: Wanted): Promise<StoredEvent[]> {
  const filter = { filterOn: 'streamName', checkpointInterval: 1, ...wanted } as const;
  return call.ask(async (client, alive) => {
    const events: StoredEvent[] = [];
    for await (const { event } of client.readAll({ ...call.reading, ...reach, filter })) {
      alive();
      if (event) events.push(foundEvent(event as Recorded).event);
    }
    return events;
  });
}

type Recorded = NonNullable<AllStreamResolvedEvent['event']> & Parameters<typeof foundEvent>[0];

function pageSize(limit: number | undefined, otherwise: number): number {
  const size = limit ?? otherwise;
  if (Number.isInteger(size) && size >= 1 && size <= MAX_PAGE) return size;
  throw new RangeError(`A page has 1 to ${MAX_PAGE} events, not ${size}.`);
}
