import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Database, Leases } from '#libs/database';
import { CLOCK, type Clock, DATABASE, LEASES } from '#libs/platform';
import { type DueElevation, findDueElevations } from '#libs/read-model';
import { DueWork } from '../reading/due-work.js';
import { ElevationSettling } from './elevation-settling.js';

/** Pause between two looks, milliseconds: nothing counts past its end anyway, but sessions end with the look. */
const EVERY_MS = 1_000;

/** Most elevations of each kind that one look takes on. */
const PER_LOOK = 500;

/** Elevations that are settled at the same time. */
const AT_ONCE = 16;

/** Ends elevations at their time, lets requests lapse, and does what a process that died left undone. One process at a time. */
@Injectable()
export class ElevationsProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #work: DueWork<DueElevation>;

  constructor(
    settling: ElevationSettling,
    @Inject(DATABASE) database: Database,
    @Inject(CLOCK) clock: Clock,
    @Inject(LEASES) leases: Leases,
  ) {
    this.#work = new DueWork({
      role: 'elevations',
      leases,
      everyMs: EVERY_MS,
      perLook: PER_LOOK,
      atOnce: AT_ONCE,
      find: (limit) => findDueElevations(database, { now: clock.now().toISOString(), limit }),
      idOf: ({ elevation }) => elevation,
      settle: ({ tenant, elevation }) => settling.settle(tenant, elevation),
    });
  }

  onApplicationBootstrap(): void {
    this.#work.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#work.stop();
  }

  /** Settles whatever is due. */
  async look(signal: AbortSignal): Promise<void> {
    await this.#work.look(signal);
  }
}
