import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { DeliveryChannel } from '#libs/contracts';
import { Metrics } from '#libs/platform';

/** What is measured of reports that the clock asks for. */
@Injectable()
export class DeliveryMetrics {
  private readonly tries: Counter;
  private readonly failures: Counter;

  constructor({ registry }: Metrics) {
    this.tries = new Counter({
      name: 'gatebook_report_deliveries_total',
      help: 'Tries to deliver scheduled reports, by channel and outcome: delivered, retrying or failed (given up)',
      labelNames: ['channel', 'outcome'],
      registers: [registry],
    });
    this.failures = new Counter({
      name: 'gatebook_report_schedule_failures_total',
      help: 'Goes at asking for a scheduled report that came to nothing and are repeated',
      registers: [registry],
    });
  }

  /** A try ended so. */
  tried(channel: DeliveryChannel, outcome: 'delivered' | 'retrying' | 'failed'): void {
    this.tries.inc({ channel, outcome });
  }

  /** A report that is due could not be asked for. */
  askingFailed(): void {
    this.failures.inc();
  }
}
