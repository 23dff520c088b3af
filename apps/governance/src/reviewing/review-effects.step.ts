import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { ReviewDecisionRecorded } from '#libs/contracts';
import type { Database } from '#libs/database';
import { instantAfter, type SealedEvent } from '#libs/kernel';
import { CLOCK, type Clock, DATABASE, describeError, GovernanceMetrics } from '#libs/platform';
import { findRevokingItems, type RevokingItem } from '#libs/read-model';
import { EventSteps } from '../reading/event-steps.js';
import { inParallel } from './in-parallel.js';
import { ItemEffects } from './item-effects.js';
import { ReviewLog } from './review-log.js';

/** A decision that has waited so long, milliseconds, is taken up by whoever looks. */
const TAKE_UP_MS = 3_000;
/** One that has waited so long, milliseconds, is an alarm. */
const ALARM_MS = 60_000;
/** Items of one look. */
const PAGE_ITEMS = 500;
const AT_ONCE = 16;

/** How long a decision has waited, milliseconds: longer than the one, and no longer than the other where there is another. */
interface Wait {
  readonly waitingFor: number;
  readonly atMost?: number;
}

/** Sees to it that every decision takes effect: whoever recorded it may have died before. */
@Injectable()
export class ReviewEffectsStep implements OnModuleInit {
  readonly #log = new Logger(ReviewEffectsStep.name);

  constructor(
    private readonly steps: EventSteps,
    private readonly log: ReviewLog,
    private readonly effects: ItemEffects,
    private readonly metrics: GovernanceMetrics,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.steps.add({
      name: 'review-effects',
      types: ['ReviewDecisionRecorded'],
      handle: (event) => this.#finish(event.tenant, (event as SealedEvent & ReviewDecisionRecorded).data.item),
    });
    this.metrics.showPendingEffects(async () => (await this.#page({ waitingFor: ALARM_MS })).length);
  }

  /** Takes up what has waited for a moment. */
  finishPending(): Promise<void> {
    return this.#finishAll({ waitingFor: TAKE_UP_MS, atMost: ALARM_MS });
  }

  /** Takes up what has waited too long, and says aloud what waits on. */
  async finishOverdue(): Promise<void> {
    await this.#finishAll({ waitingFor: ALARM_MS });
    for (const { tenant, item, review } of await this.#page({ waitingFor: ALARM_MS }))
      this.#log.error({ tenant, item, review }, 'what a review decided has not taken effect; it is tried again');
  }

  async #finishAll(wait: Wait): Promise<void> {
    let after: RevokingItem | undefined;
    do {
      const items = await this.#page(wait, after);
      await inParallel(items, AT_ONCE, ({ tenant, item }) => this.#finish(tenant, item));
      after = items.length === PAGE_ITEMS ? items.at(-1) : undefined;
    } while (after !== undefined);
  }

  /** One that fails is left to the next look: it must not hold up the others. */
  async #finish(tenant: string, item: string): Promise<void> {
    try {
      await this.effects.carryOut(tenant, await this.log.item(tenant, item));
    } catch (error) {
      this.#log.warn({ err: describeError(error), tenant, item }, 'a decision could not be carried out yet');
    }
  }

  #page({ waitingFor, atMost }: Wait, after?: RevokingItem): Promise<RevokingItem[]> {
    const ago = (ms: number) => instantAfter(this.clock.now().toISOString(), -ms);
    const since = atMost === undefined ? undefined : ago(atMost);
    return findRevokingItems(this.database, { before: ago(waitingFor), since, after, limit: PAGE_ITEMS });
  }
}
