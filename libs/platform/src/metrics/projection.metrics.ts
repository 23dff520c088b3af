import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { askOnScrape } from './ask-on-scrape.js';
import { Metrics } from './metrics.js';
import type { Lag } from './relay.metrics.js';

/** Where one projection stands. */
export interface ProjectionState extends Lag {
  /** Name of the projection, from the code; never a tenant or a person. */
  readonly projection: string;
  /** Streams that are set aside because of an event that cannot be projected. */
  readonly parkedStreams: number;
}

/** What is measured of projecting. */
@Injectable()
export class ProjectionMetrics {
  private readonly rebalances: Counter;
  private readonly duplicates: Counter;
  private readonly stopped: Gauge;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.rebalances = new Counter({
      name: 'gatebook_consumer_rebalances_total',
      help: 'Times that the partitions were shared out anew among the projectors, as this process saw it',
      registers,
    });
    this.duplicates = new Counter({
      name: 'gatebook_duplicates_skipped_total',
      help: 'Events that arrived again and changed nothing',
      registers,
    });
    this.stopped = new Gauge({
      name: 'gatebook_projecting_stopped',
      help: '1 while projecting has stopped before something that it does not understand or that would mean loss, else 0',
      registers,
    });
  }

  /** The partitions were shared out anew. */
  rebalanced(): void {
    this.rebalances.inc();
  }

  /** Events arrived that had been projected before. */
  skippedDuplicates(count: number): void {
    this.duplicates.inc(count);
  }

  /** Projecting stopped, or goes on. */
  setStopped(stopped: boolean): void {
    this.stopped.set(stopped ? 1 : 0);
  }

  /**
   * Shows where every projection stands on every look at the metrics, whether it moves or not. Call it once. While `states` fails the figures
   * are absent.
   */
  showStates(states: () => Promise<readonly ProjectionState[]>): void {
    const asked = askOnScrape(states);
    const show = (name: string, help: string, figure: (state: ProjectionState) => number) =>
      new Gauge({
        name,
        help,
        labelNames: ['projection'],
        registers: [this.metrics.registry],
        async collect() {
          this.reset();
          for (const state of (await asked()) ?? []) this.set({ projection: state.projection }, figure(state));
        },
      });
    show('gatebook_projection_lag_events', 'Sealed events that the projection has not seen', ({ events }) => events);
    show(
      'gatebook_projection_lag_seconds',
      'Age of the oldest sealed event that the projection has not seen, in seconds',
      ({ seconds }) => seconds,
    );
    show(
      'gatebook_parked_streams',
      'Streams that the projection has set aside because of an event that it cannot project',
      ({ parkedStreams }) => parkedStreams,
    );
  }
}
