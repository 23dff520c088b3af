import { v5 as uuidv5 } from 'uuid';
import { type Database, type Lease, migrate } from '#libs/database';
import { eventStoreMigrations, NO_STREAM, postgresEventStore } from '#libs/event-store';
import { type Json, system } from '#libs/kernel';
import { ledgerMigrations, sealPending } from '#libs/ledger';
import { busMigrations } from '../bus.migration.js';
import type { KafkaOptions } from '../kafka/kafka-options.js';
import { type KafkaPublisher, kafkaPublisher } from '../kafka/kafka-publisher.js';
import { keepPublishing } from '../kafka/keep-publishing.js';
import { sealedLogEvents } from '../sealed-log/sealed-log-events.js';

const NAMESPACE = '7a1d5b52-0d0e-5c43-8f0a-5f2b9d9f6c11';
const clock = { now: () => new Date('2026-03-02T09:00:01.000Z') };

/** A lease that nobody contests. */
export const uncontested: Pick<Lease, 'guard'> = { guard: async () => {} };

/** The installation that publishes in these tests. */
export const INSTALLATION = '5f0c8a52-9d1e-5f43-8f0a-5f2b9d9f6c11';

/** A log that is appended to, sealed and published as the relay does, with ids that depend on nothing but their number. */
export interface PublishedLog {
  readonly source: ReturnType<typeof sealedLogEvents>;
  /** Appends and seals that many events, each in a stream of its own unless streams are named; answers their ids. */
  seal(count: number, streams?: readonly string[], data?: Json): Promise<readonly string[]>;
  /** Publishes until told to stop; begins again after a failure, as the relay does. */
  publish(options?: { readonly publisher?: KafkaPublisher; readonly lease?: Pick<Lease, 'guard'> }): Publishing;
  end(): Promise<void>;
}

/** Publishing under way. */
export interface Publishing {
  readonly failures: readonly Error[];
  /** Resolves once it has found the topic in order. */
  readonly ready: Promise<void>;
  stop(): Promise<void>;
}

/** Wait before publishing begins again, in milliseconds. */
const RETRY_MS = 50;

/** Makes such a log in an empty database. */
export async function publishedLog(database: Database, kafka: KafkaOptions): Promise<PublishedLog> {
  await migrate(database, [...eventStoreMigrations, ...ledgerMigrations, ...busMigrations]);
  const store = postgresEventStore({ database });
  const source = sealedLogEvents({ database, store });
  const underWay = new Set<Publishing>();
  const revisions = new Map<string, number>();
  let made = 0;
  const append = (stream: string, id: string, data: Json) => {
    const expected = revisions.get(stream) ?? NO_STREAM;
    revisions.set(stream, expected + 1);
    return store.append(stream, expected, [eventOf(id, data)]);
  };
  return {
    source,
    seal: async (count, streams, data = { text: 'sealed: Ω 😀' }) => {
      const ids = Array.from({ length: count }, () => uuidv5(`event ${made++}`, NAMESPACE));
      if (streams)
        for (const [index, id] of ids.entries()) await append(streams[index % streams.length] as string, id, data);
      else await Promise.all(ids.map((id) => append(`account-acme+${id}`, id, data)));
      while ((await sealPending({ database, store, lease: uncontested, clock })).count > 0);
      return ids;
    },
    publish: ({ publisher = kafkaPublisher({ kafka, installation: INSTALLATION }), lease = uncontested } = {}) => {
      const publishing = publishUntilStopped({ source, publisher, database, lease });
      underWay.add(publishing);
      return publishing;
    },
    end: async () => {
      await Promise.all([...underWay].map((publishing) => publishing.stop()));
      await store.close();
    },
  };
}

function publishUntilStopped(work: Parameters<typeof keepPublishing>[0]): Publishing {
  const stop = new AbortController();
  const failures: Error[] = [];
  const ready = Promise.withResolvers<void>();
  const run = async () => {
    while (!stop.signal.aborted) {
      await keepPublishing({ ...work, onReady: ready.resolve }, stop.signal).catch((error: Error) =>
        failures.push(error),
      );
      await new Promise((resolve) => setTimeout(resolve, stop.signal.aborted ? 0 : RETRY_MS));
    }
  };
  const running = run();
  return {
    failures,
    ready: ready.promise,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

function eventOf(id: string, data: Json) {
  const metadata = { actor: system('spec'), commandId: NAMESPACE, commandDigest: 'd', correlationId: NAMESPACE };
  const recordedAt = '2026-03-02T09:00:00.000Z';
  return { id, type: 'ProfileUpdated', schemaVersion: 1, recordedAt, data, metadata };
}
