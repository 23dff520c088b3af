import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { askOnScrape } from './ask-on-scrape.js';
import { Metrics } from './metrics.js';

/** Upper bounds of the time classes, in seconds: from one append to an effect that had to be driven to its end. */
const BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600];

/** What is measured of reviews and of the reader that opens them. */
@Injectable()
export class GovernanceMetrics {
  private readonly failures: Counter;
  private readonly upkeepFailures: Counter;
  private readonly opened: Histogram;
  private readonly effects: Histogram;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.failures = new Counter({
      name: 'gatebook_governance_event_failures_total',
      help: 'How often an event could not be followed and was put off',
      registers,
    });
    this.upkeepFailures = new Counter({
      name: 'gatebook_review_upkeep_failures_total',
      help: 'How often something that reviews need by the clock (items, reminders, deadlines, ends) failed and was put off',
      registers,
    });
    this.opened = new Histogram({
      name: 'gatebook_review_opened_after_seconds',
      help: 'Time from an event that calls for a review until its items are open, in seconds',
      buckets: BUCKETS_SECONDS,
      registers,
    });
    this.effects = new Histogram({
      name: 'gatebook_review_effect_seconds',
      help: 'Time from a decision of a review until its effect on the account is confirmed, in seconds',
      buckets: BUCKETS_SECONDS,
      registers,
    });
  }

  /** An event was followed in vain. */
  eventFailed(): void {
    this.failures.inc();
  }

  /** Something that is due by the clock was done in vain. */
  upkeepFailed(): void {
    this.upkeepFailures.inc();
  }

  /** The items of a review are open that an event called for. */
  reviewOpened(seconds: number): void {
    this.opened.observe(Math.max(0, seconds));
  }

  /** What a review decided is so. */
  effectConfirmed(seconds: number): void {
    this.effects.observe(Math.max(0, seconds));
  }

  /** Shows how many decisions have waited for their effect for too long, asked on every look at the metrics. Call it once. */
  showPendingEffects(count: () => Promise<number>): void {
    const asked = askOnScrape(count);
    new Gauge({
      name: 'gatebook_review_effects_pending',
      help: 'Decisions of reviews whose effect is not confirmed although they were made more than a minute ago',
      registers: [this.metrics.registry],
      async collect() {
        const pending = await asked();
        if (pending === null) this.remove();
        else this.set(pending);
      },
    });
  }
}
