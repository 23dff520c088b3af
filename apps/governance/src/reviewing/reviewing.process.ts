import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Leases } from '#libs/database';
import { CLOCK, type Clock, LEASES } from '#libs/platform';
import { PeriodicWork } from '../reading/periodic-work.js';
import { Attempts } from './attempts.js';
import { ClockTriggers } from './clock-triggers.js';
import { ItemDeadlines } from './item-deadlines.js';
import { ItemRecheckStep } from './item-recheck.step.js';
import { PopulateReviews } from './populate-reviews.js';
import { ReviewEffectsStep } from './review-effects.step.js';
import { ReviewEnds } from './review-ends.js';
import { ReviewSchedule } from './review-schedule.js';
import { ReviewersGone } from './reviewers-gone.js';

/** How often somebody looks whether anything is due, milliseconds. */
const EVERY_MS = 1_000;
/** What means a look at every open item is looked for once in so long, milliseconds. */
const NOW_AND_THEN_MS = 10_000;
/** What means a look at every account, or at everybody who is asked, is looked for once in so long, milliseconds. */
const SELDOM_MS = 60_000;

/**
 * What reviews need without anybody asking: opening by the clock, items, deadlines, effects, ends. One process at a time does it; building,
 * which may take long, does not hold up the rest.
 */
@Injectable()
export class ReviewingProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #building: PeriodicWork;
  readonly #upkeep: PeriodicWork;
  readonly #asked: { tenant: string; review: string }[] = [];
  readonly #occasionsDue: () => boolean;
  readonly #reviewersDue: () => boolean;
  readonly #itemsDue: () => boolean;

  constructor(
    private readonly schedule: ReviewSchedule,
    private readonly occasions: ClockTriggers,
    private readonly populate: PopulateReviews,
    private readonly deadlines: ItemDeadlines,
    private readonly recheck: ItemRecheckStep,
    private readonly effects: ReviewEffectsStep,
    private readonly ends: ReviewEnds,
    private readonly reviewers: ReviewersGone,
    private readonly attempts: Attempts,
    @Inject(LEASES) leases: Leases,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    const everyMs = EVERY_MS;
    this.#occasionsDue = every(SELDOM_MS, clock);
    this.#reviewersDue = every(SELDOM_MS, clock);
    this.#itemsDue = every(NOW_AND_THEN_MS, clock);
    this.#building = new PeriodicWork({
      role: 'review-building',
      leases,
      everyMs,
      work: (_lease, signal) => this.build(signal),
    });
    this.#upkeep = new PeriodicWork({
      role: 'review-upkeep',
      leases,
      everyMs,
      work: (_lease, signal) => this.keepUp(signal),
    });
  }

  onApplicationBootstrap(): void {
    this.#building.start();
    this.#upkeep.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.#building.stop(), this.#upkeep.stop()]);
  }

  /** A review was opened; where this process builds reviews, it begins at once. */
  populateSoon(review: { readonly tenant: string; readonly review: string }): void {
    this.#asked.push(review);
    this.#building.soon();
  }

  /** The present instant, ISO-8601 UTC. */
  now(): string {
    return this.clock.now().toISOString();
  }

  /** Opens what the clock asks for and builds what is not complete. */
  async build(signal: AbortSignal): Promise<void> {
    const asked = this.#asked.splice(0);
    await this.attempts.one('scheduled reviews', async () => asked.push(...(await this.schedule.openDue())));
    await this.attempts.one('building reviews', () => this.populate.resume(signal, asked));
    if (!signal.aborted && this.#occasionsDue()) await this.attempts.one('occasions', () => this.occasions.openDue());
  }

  /** Effects, ended grants, reviewers, deadlines, ends: one that fails holds up none of the others. */
  async keepUp(signal: AbortSignal): Promise<void> {
    const { attempts } = this;
    await attempts.one('effects', () => this.effects.finishPending());
    if (this.#itemsDue()) {
      await attempts.one('overdue effects', () => this.effects.finishOverdue());
      await attempts.one('ended grants', () => this.recheck.closeMoot());
    }
    if (this.#reviewersDue()) {
      await attempts.one('expired reviewers', () => this.reviewers.replaceExpired());
      await attempts.one('missing reviewers', () => this.reviewers.findMissing());
    }
    await attempts.one('deadlines', () => this.deadlines.run(signal));
    await attempts.one('ends', () => this.ends.closeFinished());
  }
}

/** Whether it is time again, also when the clock was put back. */
function every(ms: number, clock: Clock): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now().getTime();
    if (Math.abs(now - last) < ms) return false;
    last = now;
    return true;
  };
}
