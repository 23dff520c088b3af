import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HeldChanges } from '#libs/configuration';
import type { Database, Leases } from '#libs/database';
import { CLOCK, type Clock, DATABASE, describeError, LEASES } from '#libs/platform';
import { type DueHeldChange, findDueHeldChanges } from '#libs/read-model';
import { PeriodicWork } from '../reading/periodic-work.js';

/** Role of the one process that ends and makes changes which a request has left. */
const ROLE = 'changes';

/** Pause between two looks, milliseconds: requests make changes themselves, so there is seldom anything to do. */
const EVERY_MS = 5_000;

/** Most changes that one look takes on; the next one finds the others. */
const PER_LOOK = 200;

/** So long a change that could not be settled is left alone, milliseconds; of real time. */
const REST_MS = 30_000;

/** Most changes that are remembered as such. */
const RESTING_MAX = 10_000;

/** Lets changes lapse that nobody answered, and makes those that were approved of by a process that died. One process at a time. */
@Injectable()
export class ChangesProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(ROLE);
  readonly #work: PeriodicWork;
  /** Change → until when it is left alone. */
  readonly #resting = new Map<string, number>();

  constructor(
    private readonly changes: HeldChanges,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LEASES) leases: Leases,
  ) {
    this.#work = new PeriodicWork({
      role: ROLE,
      leases,
      everyMs: EVERY_MS,
      work: (_lease, signal) => this.look(signal),
    });
  }

  onApplicationBootstrap(): void {
    this.#work.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#work.stop();
  }

  /** Settles whatever is due. One that fails holds nobody up. */
  async look(signal: AbortSignal): Promise<void> {
    const now = this.clock.now().toISOString();
    for (const due of await findDueHeldChanges(this.database, { now, limit: PER_LOOK })) {
      if (signal.aborted) return;
      if ((this.#resting.get(due.change) ?? 0) <= performance.now()) await this.#settle(due);
    }
  }

  async #settle({ tenant, change, due }: DueHeldChange): Promise<void> {
    try {
      await this.changes.settle(tenant, change);
      this.#resting.delete(change);
    } catch (error) {
      if (this.#resting.size >= RESTING_MAX) this.#resting.clear();
      this.#resting.set(change, performance.now() + REST_MS);
      this.#log.error({ err: describeError(error), change, due }, 'could not be settled and will be tried again');
    }
  }
}
