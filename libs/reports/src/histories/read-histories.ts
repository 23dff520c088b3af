import type { StoredEvent } from '#libs/event-store';
import type { SealedEvent } from '#libs/kernel';
import { findEventPlaces, readEventBodies } from '#libs/read-model';
import type { Question } from '../question.js';
import type { ReportSource } from '../report-kind.js';
import { type EventsAbout, findEventsAbout, type Opening } from './openings.queries.js';

/** Streams that are read at the same time. */
const PARALLEL_READS = 8;

/** Events of one stream that are read at once. */
const STREAM_PAGE = 1_000;

/** Ids that one statement looks up. */
const IDS_AT_ONCE = 5_000;

/** Events about accounts that one statement finds. */
const EVENTS_AT_ONCE = 1_000;

type Asked = Pick<Question, 'tenant' | 'asOf' | 'knownAt' | 'from' | 'personal'>;

/** Events of streams as far as they were known at the question's position, by stream; whether they had happened by then is for `happenedBy`. */
export async function readHistories(
  source: ReportSource,
  { knownAt, personal }: Pick<Asked, 'knownAt' | 'personal'>,
  streams: readonly string[],
): Promise<ReadonlyMap<string, readonly SealedEvent[]>> {
  const stored = await readStreams(source.store, [...new Set(streams)]);
  const places = await placesOf(source, stored);
  const known = stored.filter(({ id }) => (places.get(id)?.position ?? Number.POSITIVE_INFINITY) <= knownAt);
  const decoded = personal ? await source.reader.decode(known) : source.reader.decodeWithholding(known);
  const histories = new Map<string, SealedEvent[]>(streams.map((stream) => [stream, []]));
  for (const event of decoded) {
    const place = places.get(event.id) as SealedPlace;
    const { position, tenant_position: tenantPosition, sealed_at: sealedAt } = place;
    histories.get(event.stream)?.push({ ...event, position, tenantPosition, sealedAt });
  }
  return histories;
}

/** Those of a history that had been recorded by an instant; ISO-8601 UTC with milliseconds. */
export const happenedBy = <E extends SealedEvent>(events: readonly E[], asOf: string): readonly E[] =>
  events.filter(({ recordedAt }) => recordedAt <= asOf);

/** Events about accounts that had been recorded and were known by the end of the question, in the order of the log. */
export async function readEventsAbout(
  source: ReportSource,
  question: Asked,
  { accounts, types }: Pick<EventsAbout, 'accounts' | 'types'>,
): Promise<SealedEvent[]> {
  const events: SealedEvent[] = [];
  if (accounts.length === 0) return events;
  for (let after = -1, more = true; more; ) {
    const page: Opening[] = await findEventsAbout(source.database, question, {
      accounts,
      types,
      after,
      limit: EVENTS_AT_ONCE,
    });
    events.push(...(await readEventBodies(source, page, question.personal)));
    after = page.at(-1)?.position ?? after;
    more = page.length === EVENTS_AT_ONCE;
  }
  return events;
}

type SealedPlace = Awaited<ReturnType<typeof findEventPlaces>>[number];

async function placesOf(
  { database }: ReportSource,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<string, SealedPlace>> {
  const places = new Map<string, SealedPlace>();
  for (let at = 0; at < events.length; at += IDS_AT_ONCE) {
    const ids = events.slice(at, at + IDS_AT_ONCE).map(({ id }) => id);
    for (const place of await findEventPlaces(database, ids)) places.set(place.event_id, place);
  }
  return places;
}

async function readStreams(store: ReportSource['store'], streams: readonly string[]): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let at = 0; at < streams.length; at += PARALLEL_READS) {
    const read = streams.slice(at, at + PARALLEL_READS).map((stream) => readStream(store, stream));
    for (const history of await Promise.all(read)) events.push(...history);
  }
  return events;
}

async function readStream(store: ReportSource['store'], stream: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let more = true; more; ) {
    const page = await store.readStream(stream, { from: events.length, limit: STREAM_PAGE });
    events.push(...page);
    more = page.length === STREAM_PAGE;
  }
  return events;
}
