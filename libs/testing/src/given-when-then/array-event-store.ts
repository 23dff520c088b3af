import { catalogue } from '#libs/contracts';
import {
  BEFORE_FIRST,
  type EventCodec,
  type EventStore,
  type StoredEvent,
  WrongExpectedRevisionError,
} from '#libs/event-store';
import { type Json, parseStreamName } from '#libs/kernel';

/** A test double: an array that can be appended to and read, and nothing else a store does. Events lie in it in clear. */
export function arrayEventStore(log: StoredEvent[] = []): EventStore & { readonly log: readonly StoredEvent[] } {
  const ofStream = (stream: string) => log.filter((event) => event.stream === stream);
  const notHere = () => {
    throw new Error('This test double cannot do that.');
  };
  return {
    log,
    async append(stream, expected, events) {
      const revision = ofStream(stream).length - 1;
      if (revision !== expected) throw new WrongExpectedRevisionError(stream, expected);
      events.forEach((event, index) => {
        log.push({ ...event, stream, revision: revision + 1 + index, storePosition: log.length });
      });
      return { revision: revision + events.length, storePosition: log.length - 1, repeated: false };
    },
    readStream: async (stream, { from = 0, limit = 5_000 } = {}) => ofStream(stream).slice(from, from + limit),
    async readLog({ after, limit = 1_000, categories }) {
      const wanted = (event: StoredEvent) => !categories || categories.includes(parseStreamName(event.stream).category);
      const events = log
        .slice(after + 1)
        .filter(wanted)
        .slice(0, limit);
      const last = events.length === limit ? events.at(-1) : log.at(-1);
      return { events, through: Math.max(last?.storePosition ?? after, after) };
    },
    head: async () => log.at(-1)?.storePosition ?? BEFORE_FIRST,
    follow: notHere,
    close: async () => {},
  };
}

/** Checks events against the catalogue, as every codec does, and leaves them in clear. */
export const clearCodec: EventCodec = {
  encode: async (events) =>
    events.map(({ stream: _stream, data, ...event }) => {
      const problems = catalogue.problems(event.type, data);
      if (problems.length > 0) throw new TypeError(`${event.type} does not fit the catalogue: ${problems.join('; ')}`);
      const schemaVersion = catalogue.entry(event.type)?.schemaVersion ?? 1;
      return { ...event, schemaVersion, data: JSON.parse(JSON.stringify(data)) as Json };
    }),
  decode: async (events) =>
    events.map(({ storePosition: _place, ...event }) => ({ ...event, tenant: parseStreamName(event.stream).tenant })),
};
