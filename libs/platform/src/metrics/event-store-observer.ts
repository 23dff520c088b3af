import { Injectable } from '@nestjs/common';
import type { EventStore } from '#libs/event-store';
import { StorageHealth } from '../health/storage-health.js';
import { Tracing } from '../tracing/tracing.js';
import { AppendMetrics } from './append.metrics.js';

/** Watches the appends of whichever event store there is: how long they take, in which trace they belong, whether the disk is full. */
@Injectable()
export class EventStoreObserver {
  constructor(
    private readonly metrics: AppendMetrics,
    private readonly tracing: Tracing,
    private readonly storage: StorageHealth,
  ) {}

  /** A commit made so many events durable; for stores that share commits among appends. */
  readonly committed = (events: number): void => this.metrics.committed(events);

  /** Makes a store that does what the given one does, and is watched. */
  observe(store: EventStore): EventStore {
    return {
      append: (stream, expected, events) =>
        this.tracing.span('append', { 'gatebook.append.events': events.length }, () =>
          this.#timed(() => store.append(stream, expected, events)),
        ),
      readStream: (stream, query) => store.readStream(stream, query),
      readLog: (query) => store.readLog(query),
      follow: (query, signal) => store.follow(query, signal),
      head: () => store.head(),
      close: () => store.close(),
    };
  }

  async #timed<T>(append: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      const appended = await append();
      this.storage.recorded();
      return appended;
    } catch (error) {
      this.storage.refused(error);
      throw error;
    } finally {
      this.metrics.appended((performance.now() - startedAt) / 1000);
    }
  }
}
