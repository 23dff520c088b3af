import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import { Metrics } from './metrics.js';

/** Upper bounds of the time classes of an append, in seconds: a durable one takes a millisecond, a store in trouble its whole time-out. */
const APPEND_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Upper bounds of the size classes of a batch, in events. */
const BATCH_BUCKETS_EVENTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** What is measured of appends to the event store. */
@Injectable()
export class AppendMetrics {
  private readonly durations: Histogram;
  private readonly batches: Histogram;

  constructor({ registry }: Metrics) {
    this.durations = new Histogram({
      name: 'gatebook_append_duration_seconds',
      help: 'Time from asking the event store to append until it answered, also with a refusal, in seconds',
      buckets: APPEND_BUCKETS_SECONDS,
      registers: [registry],
    });
    this.batches = new Histogram({
      name: 'gatebook_append_batch_events',
      help: 'Events that share one commit of the event store',
      buckets: BATCH_BUCKETS_EVENTS,
      registers: [registry],
    });
  }

  /** One call of the store's `append` was answered. */
  appended(seconds: number): void {
    this.durations.observe(seconds);
  }

  /** One batch of appends was written in one commit. */
  committed(events: number): void {
    this.batches.observe(events);
  }
}
