import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { askOnScrape } from './ask-on-scrape.js';
import { Metrics } from './metrics.js';

/** How far a reader of a log is behind. */
export interface Lag {
  /** Events that are still to come; 0 at the head. */
  readonly events: number;
  /** Age of the oldest of them, in seconds; 0 at the head. */
  readonly seconds: number;
}

/** What is measured of sealing and publishing. */
@Injectable()
export class RelayMetrics {
  private readonly sealed: Counter;
  private readonly published: Counter;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.sealed = new Counter({
      name: 'gatebook_sealed_events_total',
      help: 'Events sealed by this process',
      registers,
    });
    this.published = new Counter({
      name: 'gatebook_published_events_total',
      help: 'Events published and acknowledged by the broker, by this process',
      registers,
    });
  }

  /** A batch was sealed and committed. */
  sealedEvents(count: number): void {
    this.sealed.inc(count);
  }

  /** A batch was acknowledged by the broker. */
  publishedEvents(count: number): void {
    this.published.inc(count);
  }

  /**
   * Shows the relay's lag on every look at the metrics, whether it moves or not: one that stands still is the one to hear of.
   * Call it once. While `lag` fails, or answers null because another process holds the role, the lag is absent.
   */
  showLag(lag: () => Promise<Lag | null>): void {
    const asked = askOnScrape(lag);
    new Gauge({
      name: 'gatebook_relay_lag_events',
      help: 'Events in the store that are not sealed, or not published where Kafka is used',
      registers: [this.metrics.registry],
      async collect() {
        const found = await asked();
        if (found) this.set(found.events);
        else this.remove();
      },
    });
    new Gauge({
      name: 'gatebook_relay_lag_seconds',
      help: 'Age of the oldest event that is not sealed, or not published where Kafka is used, in seconds',
      registers: [this.metrics.registry],
      async collect() {
        const found = await asked();
        if (found) this.set(found.seconds);
        else this.remove();
      },
    });
  }
}
