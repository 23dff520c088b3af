import type { EventStore, LogPage } from '#libs/event-store';

/** A store whose positions lie apart, as those of KurrentDB do: a real one, seen through other numbers. */
export function sparseStore(store: EventStore): EventStore {
  const outside = (place: number) => (place < 0 ? place : 500 + place * 37);
  const inside = (place: number) => (place < 500 ? -1 : Math.floor((place - 500) / 37));
  const event = <E extends { readonly storePosition: number }>(of: E): E => ({
    ...of,
    storePosition: outside(of.storePosition),
  });
  const page = ({ events, through }: LogPage): LogPage => ({ events: events.map(event), through: outside(through) });
  return {
    append: async (stream, expected, events) => event(await store.append(stream, expected, events)),
    readStream: async (stream, query) => (await store.readStream(stream, query)).map(event),
    readLog: async (query) => page(await store.readLog({ ...query, after: inside(query.after) })),
    async *follow(query, signal) {
      for await (const next of store.follow({ ...query, after: inside(query.after) }, signal)) yield page(next);
    },
    head: async () => outside(await store.head()),
    close: () => store.close(),
  };
}
