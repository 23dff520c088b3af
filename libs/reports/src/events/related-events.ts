import type { SealedEvent } from '#libs/kernel';
import { findEventPlaces } from '#libs/read-model';
import type { Question } from '../question.js';
import type { ReportSource } from '../report-kind.js';
import { placesBefore, placesNear } from './event-places.queries.js';
import { readBodies } from './read-bodies.js';

/** Most ids that one statement looks up. */
const IDS_PER_STATEMENT = 500;

/** An event of an account. */
type AboutAccount = SealedEvent & { readonly data: { readonly account: string } };

/**
 * Looks up events by id: evidence, decisions, causes. What was sealed after the question's `knownAt`, and what other tenants have, is not
 * there.
 * @param ids null and undefined are passed over
 */
export async function eventsById(
  source: ReportSource,
  { tenant, knownAt, personal }: Question,
  ids: Iterable<string | null | undefined>,
): Promise<ReadonlyMap<string, SealedEvent>> {
  const wanted = [...new Set(ids)].filter((id): id is string => typeof id === 'string').sort();
  const found = new Map<string, SealedEvent>();
  for (let at = 0; at < wanted.length; at += IDS_PER_STATEMENT) {
    const places = await findEventPlaces(source.database, wanted.slice(at, at + IDS_PER_STATEMENT));
    const own = places.filter((place) => place.tenant === tenant && place.position <= knownAt);
    for (const event of await readBodies(source, own, personal)) found.set(event.id, event);
  }
  return found;
}

/** The events that were recorded on an account by the same command as each of these, without itself, in order. By id of the event. */
export async function sameCommandAs(
  source: ReportSource,
  question: Question,
  events: readonly SealedEvent[],
): Promise<ReadonlyMap<string, readonly SealedEvent[]>> {
  const places = await placesNear(source.database, question, events.map(vicinityOf));
  const streams = new Set(events.map(({ stream }) => stream));
  const own = places.filter(({ stream }) => streams.has(stream));
  const bodies = await readBodies(source, own, question.personal);
  const byCommand = Map.groupBy(bodies, commandOf);
  return new Map(
    events.map((event) => [event.id, (byCommand.get(commandOf(event)) ?? []).filter(({ id }) => id !== event.id)]),
  );
}

/** The last event of some types on the same account before each of these, by id of the event. */
export async function lastBefore(
  source: ReportSource,
  question: Question,
  events: readonly SealedEvent[],
  types: readonly string[],
): Promise<ReadonlyMap<string, SealedEvent>> {
  const places = await placesBefore(source.database, { tenant: question.tenant, types }, events.map(vicinityOf));
  const bodies = await readBodies(source, places, question.personal);
  const byAccount = Map.groupBy(bodies, accountOf);
  return new Map(
    events.flatMap((event) => {
      const before = byAccount.get(accountOf(event))?.findLast(({ position }) => position < event.position);
      return before ? [[event.id, before] as const] : [];
    }),
  );
}

const accountOf = (event: SealedEvent): string => (event as AboutAccount).data.account;
const vicinityOf = (event: SealedEvent) => ({ account: accountOf(event), position: event.position });
const commandOf = ({ stream, metadata }: SealedEvent): string => `${stream} ${metadata.commandId}`;
