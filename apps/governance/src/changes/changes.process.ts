import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HeldChanges } from '#libs/configuration';
import type { Database, Leases } from '#libs/database';
import { CLOCK, type Clock, DATABASE, LEASES } from '#libs/platform';
import { type DueHeldChange, findDueHeldChanges } from '#libs/read-model';
import { DueWork } from '../reading/due-work.js';

/** Pause between two looks, milliseconds: requests make changes themselves, so there is seldom anything to do. */
const EVERY_MS = 5_000;

/** Most changes that one look takes on, one after the other. */
const PER_LOOK = 200;

/** Lets changes lapse that nobody answered, and makes those that were approved of by a process that died. One process at a time. */
@Injectable()
export class ChangesProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #work: DueWork<DueHeldChange>;

  constructor(
    changes: HeldChanges,
    @Inject(DATABASE) database: Database,
    @Inject(CLOCK) clock: Clock,
    @Inject(LEASES) leases: Leases,
  ) {
    this.#work = new DueWork({
      role: 'changes',
      leases,
      everyMs: EVERY_MS,
      perLook: PER_LOOK,
      atOnce: 1,
      find: (limit) => findDueHeldChanges(database, { now: clock.now().toISOString(), limit }),
      idOf: ({ change }) => change,
      settle: ({ tenant, change }) => changes.settle(tenant, change),
    });
  }

  onApplicationBootstrap(): void {
    this.#work.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#work.stop();
  }
}
