import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Lease, Leases } from '#libs/database';
import { ENVIRONMENT, type Environment, ExclusiveRole, LEASES } from '#libs/platform';
import { ReportDelivery } from './report-delivery.js';
import { ScheduledReports } from './scheduled-reports.js';

/** How often somebody looks at the clock, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** Asks for reports by the clock and delivers them; in one process of the installation. */
@Injectable()
export class SchedulesProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger('report-schedules');
  readonly #role: ExclusiveRole;
  #warnedOf = '';

  constructor(
    @Inject(LEASES) leases: Leases,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly schedules: ScheduledReports,
    private readonly delivery: ReportDelivery,
  ) {
    this.#role = new ExclusiveRole({
      role: 'report-schedules',
      leases,
      work: (lease, signal) => this.#work(lease, signal),
    });
  }

  onApplicationBootstrap(): void {
    this.#role.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#role.stop();
  }

  async #work(lease: Lease, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.schedules.askDue(signal);
      this.#sayIfHomeless();
      await this.delivery.deliverDue(lease);
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Said at the start, and again when there is another schedule. */
  #sayIfHomeless(): void {
    if (this.environment.reportsFolder !== null) return;
    const schedules = this.schedules.intoFolders().join(', ');
    if (schedules !== '' && schedules !== this.#warnedOf)
      this.#log.error({ schedules }, 'GATEBOOK_REPORTS_FOLDER is not set: these reports cannot be delivered');
    this.#warnedOf = schedules;
  }
}
