import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { UpkeepSchedule } from '#libs/configuration';
import { type Database, type Lease, LeaseLostError, type Leases } from '#libs/database';
import { DATABASE, describeError, ExclusiveRole, LEASES } from '#libs/platform';
import type { UpkeepTask } from './upkeep-task.js';

/** Role of the one process that looks after connections. */
const UPKEEP_ROLE = 'upkeep';

/** Longest pause after failures, milliseconds. */
const PAUSE_MAX_MS = 60_000;

/** What is done again and again: `readonly UpkeepTask[]`. */
export const UPKEEP_TASKS = Symbol('UPKEEP_TASKS');

/**
 * Does what nobody asks for: metadata, certificates, proofs of domains, ends of leases. One process at a time; each task goes on by itself, so
 * that a slow identity provider delays no end of a lease.
 */
@Injectable()
export class UpkeepProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(UPKEEP_ROLE);
  readonly #role: ExclusiveRole;

  constructor(
    @Inject(UPKEEP_TASKS) private readonly tasks: readonly UpkeepTask[],
    @Inject(DATABASE) private readonly database: Database,
    @Inject(LEASES) leases: Leases,
  ) {
    this.#role = new ExclusiveRole({ role: UPKEEP_ROLE, leases, work: (lease, signal) => this.#work(lease, signal) });
  }

  onApplicationBootstrap(): void {
    this.#role.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#role.stop();
  }

  async #work(lease: Lease, signal: AbortSignal): Promise<void> {
    const schedule = await UpkeepSchedule.read({ database: this.database, lease });
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const running = this.tasks.map((task) => this.#repeat(task, schedule, either));
    try {
      await Promise.all(running);
    } finally {
      ended.abort();
      await Promise.allSettled(running);
    }
  }

  /** @throws {LeaseLostError} once another process has taken over; whatever else fails is tried again, later and later */
  async #repeat(task: UpkeepTask, schedule: UpkeepSchedule, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await task.look(schedule, signal);
        failures = 0;
      } catch (error) {
        if (error instanceof LeaseLostError) throw error;
        if (signal.aborted) return;
        failures += 1;
        this.#log.error({ err: describeError(error), task: task.name }, 'failed and will be tried again');
      }
      const pause = Math.max(task.pauseMs, Math.min(PAUSE_MAX_MS, task.pauseMs * 2 ** failures));
      await delay(failures === 0 ? task.pauseMs : pause, undefined, { signal }).catch(() => undefined);
    }
  }
}
