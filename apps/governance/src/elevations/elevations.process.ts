import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Database, Leases } from '#libs/database';
import { CLOCK, type Clock, DATABASE, describeError, LEASES } from '#libs/platform';
import { type DueElevation, findDueElevations } from '#libs/read-model';
import { PeriodicWork } from '../reading/periodic-work.js';
import { ElevationSettling } from './elevation-settling.js';

/** Role of the one process that ends elevations. */
const ROLE = 'elevations';

/** Pause between two looks, milliseconds: nothing counts past its end anyway, but sessions end with the look. */
const EVERY_MS = 1_000;

/** Most elevations of each kind that one look takes on; the next one finds the others. */
const PER_LOOK = 500;

/** Elevations that are settled at the same time. */
const AT_ONCE = 16;

/** So long an elevation that could not be settled is left alone, milliseconds; of real time. */
const REST_MS = 30_000;

/** Most elevations that are remembered as such. */
const RESTING_MAX = 10_000;

/** Ends elevations at their time, lets requests lapse, and does what a process that died left undone. One process at a time. */
@Injectable()
export class ElevationsProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(ROLE);
  readonly #work: PeriodicWork;
  /** Elevation → until when it is left alone. */
  readonly #resting = new Map<string, number>();

  constructor(
    private readonly settling: ElevationSettling,
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
    const due = await findDueElevations(this.database, { now, limit: PER_LOOK });
    const awake = due.filter(({ elevation }) => (this.#resting.get(elevation) ?? 0) <= performance.now());
    for (let at = 0; at < awake.length && !signal.aborted; at += AT_ONCE)
      await Promise.all(awake.slice(at, at + AT_ONCE).map((one) => this.#settle(one)));
  }

  async #settle({ tenant, elevation, due }: DueElevation): Promise<void> {
    try {
      await this.settling.settle(tenant, elevation);
      this.#resting.delete(elevation);
    } catch (error) {
      if (this.#resting.size >= RESTING_MAX) this.#resting.clear();
      this.#resting.set(elevation, performance.now() + REST_MS);
      this.#log.error({ err: describeError(error), elevation, due }, 'could not be settled and will be tried again');
    }
  }
}
