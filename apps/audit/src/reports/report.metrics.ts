import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { askOnScrape, Metrics } from '#libs/platform';
import type { ReportOutcome } from '#libs/reports';

/** Upper bounds of the time classes, in seconds: from a small report to one of millions of rows. */
const BUCKETS_SECONDS = [0.25, 1, 5, 15, 60, 300, 1_800, 7_200];

/** What is measured of the making of reports. */
@Injectable()
export class ReportMetrics {
  private readonly outcomes: Counter;
  private readonly durations: Histogram;
  private readonly rows: Counter;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.outcomes = new Counter({
      name: 'gatebook_reports_total',
      help: 'Goes at a report, by what they came to: done, failed, waiting (to be tried again) or ended (cancelled)',
      labelNames: ['outcome'],
      registers,
    });
    this.durations = new Histogram({
      name: 'gatebook_report_duration_seconds',
      help: 'Time from asking for a report until its files can be had, in seconds',
      buckets: BUCKETS_SECONDS,
      registers,
    });
    this.rows = new Counter({
      name: 'gatebook_report_rows_total',
      help: 'Rows of finished reports',
      registers,
    });
  }

  /** A go at a report ended so. */
  cameTo(outcome: ReportOutcome): void {
    this.outcomes.inc({ outcome });
  }

  /** The files of a report can be had. */
  finished(rows: number, seconds: number): void {
    this.rows.inc(rows);
    this.durations.observe(Math.max(0, seconds));
  }

  /** Shows how many reports wait or are being made, asked on every look at the metrics. Call it once. */
  showUnfinished(count: () => Promise<Readonly<Record<'queued' | 'running', number>>>): void {
    const asked = askOnScrape(count);
    new Gauge({
      name: 'gatebook_reports_unfinished',
      help: 'Reports that wait or are being made, by status',
      labelNames: ['status'],
      registers: [this.metrics.registry],
      async collect() {
        this.reset();
        for (const [status, reports] of Object.entries((await asked()) ?? {})) this.set({ status }, reports);
      },
    });
  }
}
