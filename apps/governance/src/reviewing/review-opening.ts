import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { AccessReviewOpened } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { AccessReviewState } from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import type { CommandMetadata, RecordedEvent } from '#libs/kernel';
import {
  CLOCK,
  type Clock,
  DATABASE,
  EVENT_STORE,
  type EventStore,
  GovernanceMetrics,
  ReadModelBehindError,
} from '#libs/platform';
import { findReviewItems, readPosition } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import type { Candidate } from './candidate.js';
import { inParallel } from './in-parallel.js';
import { type DraftedReview, type ItemDraft, ItemDrafts } from './item-drafts.js';
import { ReviewLog } from './review-log.js';
import { ReviewerFinder } from './reviewer-finder.js';

/** Items that are appended at the same time: enough to share commits. */
const APPENDS_AT_ONCE = 500;

/** Items of one page when they are counted; how long, milliseconds, and how often it is looked whether all are there. */
const PAGE_ITEMS = 1_000;
const PATIENCE_MS = 5_000;
const LOOK_MS = 20;

/** A review that is to be opened. */
export type WantedReview = Omit<AccessReviewOpened['data'], 'dueAt'>;

/** How many items a review has, and how many of them were answered before. */
export interface ItemCounts {
  readonly items: number;
  readonly carriedForward: number;
}

/** Opens reviews and their items. All of it can be repeated: what is there already stays as it is. */
@Injectable()
export class ReviewOpening {
  constructor(
    private readonly log: ReviewLog,
    private readonly commands: GovernanceCommands,
    private readonly finder: ReviewerFinder,
    private readonly drafts: ItemDrafts,
    private readonly metrics: GovernanceMetrics,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Begins a review; its items follow. */
  open(wanted: WantedReview, metadata: CommandMetadata): Promise<Outcome<AccessReviewState>> {
    return this.log.open(wanted, metadata);
  }

  /**
   * Opens a review about grants that an event names. Without any grant nothing is opened, unless it was begun before.
   * @returns whether there is such a review
   */
  async openAbout(wanted: WantedReview, candidates: readonly Candidate[], cause: RecordedEvent): Promise<boolean> {
    const { tenant } = cause;
    const { review } = wanted;
    const known = await this.log.review(tenant, review);
    if (known.status === 'absent' && candidates.length === 0) return false;
    if (known.status !== 'absent' && known.status !== 'building') return true;
    const opened = await this.open(wanted, this.commands.because(cause, `review/${review}`));
    const drafted = draftedOf(tenant, opened.state);
    const writer = await this.drafts.begin(drafted, await this.finder.under(tenant, drafted.terms));
    const appended = await this.append(tenant, await writer.write(candidates), cause.metadata.correlationId);
    // of one that was begun before, also items about grants that are gone by now
    const counts = known.status === 'building' ? await this.#countOf(tenant, review) : appended;
    await this.populated(tenant, review, counts, cause.metadata.correlationId);
    if (!opened.repeated) this.metrics.reviewOpened((this.clock.now().getTime() - Date.parse(cause.recordedAt)) / 1000);
    return true;
  }

  /** Counts every item of a review, as soon as the read model has what was recorded until now. @throws {ReadModelBehindError} */
  async #countOf(tenant: string, review: string): Promise<ItemCounts> {
    const head = await this.store.head();
    for (const deadline = performance.now() + PATIENCE_MS; (await readPosition(this.database)).storePosition < head; ) {
      if (performance.now() > deadline) throw new ReadModelBehindError();
      await delay(LOOK_MS);
    }
    let counts: ItemCounts = { items: 0, carriedForward: 0 };
    let after: number | undefined;
    do {
      const query = { tenant, review, limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) };
      const { items, more } = await findReviewItems(this.database, query);
      const carriedForward = items.filter(({ outcome }) => outcome === 'carriedForward').length;
      counts = { items: counts.items + items.length, carriedForward: counts.carriedForward + carriedForward };
      after = more ? items.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
    return counts;
  }

  /** Opens a review in which there is nothing to decide item by item, only to sign off. */
  async openEmpty(wanted: WantedReview, cause: RecordedEvent): Promise<void> {
    const { correlationId } = cause.metadata;
    await this.open(wanted, this.commands.because(cause, `review/${wanted.review}`));
    await this.populated(cause.tenant, wanted.review, { items: 0, carriedForward: 0 }, correlationId);
  }

  /** Opens items, many at a time. */
  async append(tenant: string, items: readonly ItemDraft[], correlationId: string): Promise<ItemCounts> {
    await inParallel(items, APPENDS_AT_ONCE, (data) => {
      const metadata = { ...this.commands.byItself(tenant, ['open-item', data.item]), correlationId };
      return this.log.openItem(data, metadata);
    });
    const carriedForward = items.filter((item) => item.carriedForward !== null).length;
    return { items: items.length, carriedForward };
  }

  /** Says that every item is there. */
  async populated(tenant: string, review: string, data: ItemCounts, correlationId: string): Promise<void> {
    const metadata = { ...this.commands.byItself(tenant, ['populated', review]), correlationId };
    await this.log.run(review, { type: 'MarkPopulated', data, metadata });
  }
}

/** What the items of a review have in common. @throws {TypeError} for a review that is not there */
export function draftedOf(tenant: string, state: AccessReviewState): DraftedReview {
  const { id: review, policy, trigger, terms, openedAt, dueAt } = state;
  if (terms === null || trigger === null) throw new TypeError('A review that was not opened has no items.');
  return { tenant, review, policy, trigger, terms, openedAt, dueAt };
}
