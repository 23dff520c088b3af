import type { KafkaPublisher, SealedEvents } from '#libs/bus';
import type { Database } from '#libs/database';
import {
  AppendUnavailableError,
  deriveId,
  type EventCodec,
  type EventStore,
  type EventToAppend,
  NO_STREAM,
} from '#libs/event-store';

/** BROKEN ON PURPOSE, each of these: only to show that the checks of the sweep find it. */

/** Asks again for an append whose outcome is unknown, with event ids of its own and wherever the stream ends by then. */
export function appendingAgain(store: EventStore, codec: EventCodec): EventStore {
  const others = async (stream: string, events: readonly EventToAppend[]) => {
    const inClear = await codec.decode(events.map((event) => ({ ...event, stream, revision: 0, storePosition: 0 })));
    return codec.encode(inClear.map((event) => ({ ...event, id: deriveId(event.id, 'another') })));
  };
  return {
    ...store,
    append: async (stream, expected, events) => {
      try {
        return await store.append(stream, expected, events);
      } catch (error) {
        if (!(error instanceof AppendUnavailableError)) throw error;
        const [last] = await store.readStream(stream, { direction: 'backward', limit: 1 });
        return store.append(stream, last?.revision ?? NO_STREAM, await others(stream, events));
      }
    },
  };
}

type Client = Parameters<Parameters<Database['transaction']>[0]>[0];
type Statement = (...of: unknown[]) => Promise<unknown>;

/** Names of the statements by which projections write rows. */
const ROWS = /^(write|remove):/;

/** Commits the checkpoint of a projection first, and its rows after it. */
export function committingApart(database: Database): Database {
  return {
    ...database,
    transaction: async (work, limits) => {
      const rows: unknown[][] = [];
      const result = await database.transaction((client) => work(answering(client, ROWS, rows)), limits);
      if (rows.length > 0)
        await database.transaction(async (client) => {
          for (const statement of rows) await (client.query as Statement)(...statement);
        });
      return result;
    },
  };
}

/** A client that sets statements with such a name aside. */
function answering(client: Client, name: RegExp, aside: unknown[][]): Client {
  const query = async (...statement: unknown[]) => {
    const [config] = statement as [{ readonly name?: string }];
    if (!name.test(config.name ?? '')) return (client.query as Statement)(...statement);
    aside.push(statement);
    return { rows: [], rowCount: 0 };
  };
  return new Proxy(client, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key, target)) });
}

/** Never writes down from which revision on sessions count. */
export function forgettingEpochs(database: Database): Database {
  const query: Statement = (statement, values) =>
    String((statement as { text?: string }).text ?? statement).includes('insert into identity.access_epochs')
      ? Promise.resolve({ rows: [], rowCount: 0 })
      : database.query(statement as string, values as unknown[]);
  return { ...database, query: query as Database['query'] };
}

/** Goes on to the next batch when one could not be delivered. */
export function goingOn(carrier: SealedEvents): SealedEvents {
  return {
    shared: carrier.shared,
    follow: (reader, signal) =>
      carrier.follow({ ...reader, take: (batch) => reader.take(batch).catch(() => 'go-on' as const) }, signal),
  };
}

/** Takes records for published before the broker has them. */
export function believing(publisher: KafkaPublisher): KafkaPublisher {
  return {
    topic: publisher.topic,
    installation: publisher.installation,
    prepare: (known) => publisher.prepare(known),
    close: () => publisher.close(),
    publish: (records) =>
      publisher.publish(records).catch(() => records.map(({ length }) => (length > 0 ? length - 1 : -1))),
  };
}
