import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Lease, Leases } from '#libs/database';
import type { Nudge } from '#libs/event-store';
import { DomainError } from '#libs/kernel';
import { type Clock, describeError, ExclusiveRole, LEASES, StorageHealth } from '#libs/platform';
import type { ReportJob, ReportOutcome, ReportRunner } from '#libs/reports';
import { ReportMetrics } from './report.metrics.js';
import { REPORT_ADDED, REPORT_RUNNER } from './reports.tokens.js';

/** How often somebody looks whether a report is to be made, in milliseconds: also one that was asked for elsewhere. */
const LOOK_EVERY_MS = 500;

/** How often old files are looked for, in milliseconds. */
const SWEEP_EVERY_MS = 60_000;

/** Makes reports, one at a time, and clears away what is kept no longer; in one process of the installation. */
@Injectable()
export class ReportsProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger('reports');
  readonly #role: ExclusiveRole;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(LEASES) leases: Leases,
    @Inject(REPORT_RUNNER) private readonly runner: ReportRunner,
    @Inject(REPORT_ADDED) private readonly added: Nudge,
    private readonly storage: StorageHealth,
  ) {
    this.#role = new ExclusiveRole({ role: 'reports', leases, work: (lease, signal) => this.#work(lease, signal) });
  }

  onApplicationBootstrap(): void {
    this.#role.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#role.stop();
  }

  async #work(lease: Lease, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const seen = this.added.count;
      const came = await this.#next(lease, signal);
      if (came === null) await this.#sweep(signal);
      if (came === null || came === 'waiting') await this.added.sleep(seen, LOOK_EVERY_MS, signal);
    }
  }

  /** A full disk keeps even from writing down that a report waits: the server then says that it is not ready, and tries again. */
  async #next(lease: Lease, signal: AbortSignal): Promise<ReportOutcome | null> {
    try {
      return await this.runner.runNext(lease, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof DomainError) || error.kind !== 'unavailable') throw error;
      this.storage.refused(error);
      this.#log.warn({ err: describeError(error) }, 'reports wait');
      await delay(LOOK_EVERY_MS * 4, undefined, { signal }).catch(() => undefined);
      return 'waiting';
    }
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    const cleared = await this.runner.sweep(signal);
    // more may be due than one sweep takes up
    if (cleared === 0) this.#sweptAt = performance.now();
  }
}

/** Counts what became of a report, and logs what kept it from being made; never its rows. */
export function observing(metrics: ReportMetrics, storage: StorageHealth, clock: Clock) {
  const log = new Logger('reports');
  return (job: ReportJob, came: ReportOutcome, error?: unknown): void => {
    metrics.cameTo(came);
    if (came === 'done') metrics.finished(job.rows, (clock.now().getTime() - job.requestedAt.getTime()) / 1000);
    storage.refused(error);
    const about = { report: job.id, kind: job.kind, tenant: job.tenant };
    if (came === 'failed') log.error({ ...about, err: describeError(error) }, 'the report cannot be made');
    if (came === 'waiting') log.warn({ ...about, err: describeError(error) }, 'the report waits');
  };
}
