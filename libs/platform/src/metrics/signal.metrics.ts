import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import { Metrics } from './metrics.js';

/** Upper bounds of the time classes, in seconds: from one transaction to a delivery that was tried again for an hour. */
const EFFECT_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600];

/** How long it takes from what an identity provider says by itself until sessions have ended. */
@Injectable()
export class SignalMetrics {
  private readonly durations: Histogram;

  constructor({ registry }: Metrics) {
    this.durations = new Histogram({
      name: 'gatebook_source_signal_to_effect_seconds',
      help: 'Time from a notice of an identity provider to the end of the sessions, in seconds, since it happened there or since it arrived here',
      labelNames: ['kind', 'since'],
      buckets: EFFECT_BUCKETS_SECONDS,
      registers: [registry],
    });
  }

  /** Sessions have ended because of a notice. Seconds, not below 0. */
  sessionsEnded(kind: string, sinceOccurred: number, sinceReceived: number): void {
    this.durations.observe({ kind, since: 'occurred' }, sinceOccurred);
    this.durations.observe({ kind, since: 'received' }, sinceReceived);
  }
}
