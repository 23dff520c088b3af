import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { EmergencyChangeRecorded } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  AccessReviewHeldError,
  type AccessReviewState,
  accessReviewDecider,
  type CloseReview,
  type SilentItem,
  silence,
} from '#libs/domain';
import { type CommandMetadata, senderOf } from '#libs/kernel';
import {
  CLOCK,
  type Clock,
  DATABASE,
  EVENT_CODEC,
  EVENT_STORE,
  type EventStore,
  ReadModelBehindError,
} from '#libs/platform';
import {
  countOutcomes,
  decidersOf,
  type EventReader,
  findEventPlaces,
  findReviewItems,
  type ReviewItemRecord,
  readEventBodies,
  readPosition,
} from '#libs/read-model';
import type { ActingPerson } from '../people/acting-as.js';
import { PeopleBehind } from '../people/people-behind.js';
import { Principals } from '../reading/principals.js';
import { EmergencyUnansweredError, OwnReviewError } from './closing-reviews.errors.js';
import { inParallel } from './in-parallel.js';
import { confirmationOf, ItemDeadlines } from './item-deadlines.js';
import { ReviewLog } from './review-log.js';

/** Items of one page. */
const PAGE_ITEMS = 1_000;
/** Items that are ended at the same time. */
const AT_ONCE = 32;
/** How long a request waits for the read model, milliseconds, and how often it looks. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 20;

/** A review as it stands afterwards. */
export interface ReviewWritten {
  readonly review: AccessReviewState;
  readonly storePosition: number;
}

/** Reviews that people end, confirm, or sign off. */
@Injectable()
export class ClosingReviews {
  constructor(
    private readonly log: ReviewLog,
    private readonly deadlines: ItemDeadlines,
    private readonly principals: Principals,
    private readonly behind: PeopleBehind,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) private readonly codec: EventReader,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Ends a review before its time; what nobody decided stays as it is. Of one that waits for confirmation, carries out what silence means.
   * Nobody does so while it asks about their own access or about a change that they made, and what was taken in an emergency is answered first.
   * @param asked.confirm what the held review says has to be repeated
   * @throws {AccessReviewNotFoundError | AccessReviewClosedError | AccessReviewBuildingError | AccessReviewHeldError | ReviewReasonRequiredError}
   * @throws {OwnReviewError | EmergencyUnansweredError}
   * @throws {ReadModelBehindError} when it cannot be told in time what is open
   */
  async close(asked: {
    readonly tenant: string;
    readonly review: string;
    readonly reason: string | null;
    readonly confirm: string | null;
    readonly metadata: CommandMetadata;
  }): Promise<ReviewWritten> {
    const { tenant, review, reason, confirm, metadata } = asked;
    const state = await this.log.review(tenant, review);
    const command = (outcomes: Readonly<Record<string, number>>): CloseReview => ({
      type: 'CloseReview',
      data: { code: 'by-hand', outcomes, confirm, reason },
      metadata,
    });
    // asked before anything is ended: a repeat of the request is answered by what it did the first time
    if (state.status === 'open' || state.status === 'held') {
      accessReviewDecider.decide(command({}), state);
      await this.#caughtUp();
      const open = await this.#openItems(tenant, review);
      await this.#mustBeTheirsToEnd(tenant, state, open, metadata);
      await this.#endItems(tenant, state, open, { reason, confirm });
      await this.#caughtUp();
    }
    const outcomes = await countOutcomes(this.database, { tenant, review });
    const { state: closed, storePosition } = await this.log.run(review, command(outcomes));
    return { review: closed, storePosition };
  }

  /**
   * Signs a finished review off.
   * @throws {AccessReviewNotFoundError | AccessReviewNotFinishedError | AccessReviewSignedOffError | SignOffByReviewerError | SignOffNotAllowedError}
   */
  async signOff(asked: {
    readonly tenant: string;
    readonly review: string;
    readonly by: ActingPerson;
    readonly reason: string;
    readonly mayOwn: boolean;
    readonly metadata: CommandMetadata;
  }): Promise<ReviewWritten> {
    const { tenant, review, by, reason, mayOwn, metadata } = asked;
    const known = await this.log.review(tenant, review);
    const signOff = await this.principals.find(tenant, known.terms?.signOff ?? null);
    // whoever decided a moment ago has decided, too
    await this.#caughtUp();
    const decided = await decidersOf(this.database, { tenant, review });
    const deciders = new Set([...decided, ...(await this.#whoChanged(tenant, known))]);
    const data = { by: by.account, via: by.via, apiKey: by.apiKey, reason, deciders, mayOwn, signOff };
    const { state, storePosition } = await this.log.run(review, {
      type: 'SignOffReview',
      data,
      metadata: await this.behind.known(metadata),
    });
    return { review: state, storePosition };
  }

  async #mustBeTheirsToEnd(
    tenant: string,
    state: AccessReviewState,
    open: readonly ReviewItemRecord[],
    metadata: CommandMetadata,
  ): Promise<void> {
    const people = await this.behind.accountsOf(tenant, [senderOf(metadata)]);
    const makers = people.size > 0 ? await this.#whoChanged(tenant, state) : [];
    const own = open.some(({ account }) => people.has(account)) || [...makers].some((maker) => people.has(maker));
    if (own) throw new OwnReviewError();
    if (state.trigger?.reason === 'breakGlass' && open.length > 0) throw new EmergencyUnansweredError();
  }

  async #endItems(
    tenant: string,
    state: AccessReviewState,
    open: readonly ReviewItemRecord[],
    { reason, confirm }: { readonly reason: string | null; readonly confirm: string | null },
  ): Promise<void> {
    const items = open.map(({ item, review, recommendation, reminders, reviewers, stageDueAt }) => ({
      tenant,
      item,
      review,
      reviewers,
      recommendation: recommendation.decision as 'certify' | 'revoke' | 'none',
      delivered: false,
      reminded: reminders > 0,
      stageDueAt,
    }));
    // what was put again may have time left: silence means nothing about it yet, so it neither counts nor is revoked
    const over = state.status === 'held' ? items.filter(({ stageDueAt }) => stageDueAt <= this.clock.now()) : [];
    const known = await this.deadlines.withDelivery(tenant, state.id, over);
    const revoke = state.status === 'held' ? await this.#confirmed(tenant, state, known, confirm) : new Set();
    await inParallel(items, AT_ONCE, ({ item }) => {
      const outcome = revoke.has(item) ? 'revoke' : 'keep';
      return this.deadlines.expire(tenant, item, outcome, outcome === 'revoke', reason);
    });
  }

  /** What was confirmed must be what would be done now: people may have decided since, or been told. */
  async #confirmed(
    tenant: string,
    state: AccessReviewState,
    items: readonly SilentItem[],
    confirm: string | null,
  ): Promise<ReadonlySet<string>> {
    if (state.terms === null) return new Set();
    const said = silence(state.terms, { items, total: state.items, already: 0 });
    if (said.revoke.length > 0 && confirmationOf(said) !== confirm) {
      const { hold } = await this.deadlines.hold(tenant, state, said);
      if (hold) throw new AccessReviewHeldError(hold);
    }
    return new Set(said.revoke);
  }

  async #openItems(tenant: string, review: string): Promise<ReviewItemRecord[]> {
    const found: ReviewItemRecord[] = [];
    let after: number | undefined;
    do {
      const query = { tenant, review, status: ['open'], limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) };
      const { items, more } = await findReviewItems(this.database, query);
      found.push(...items);
      after = more ? items.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
    return found;
  }

  /** Whoever made a change that is reviewed afterwards has a part in it. */
  async #whoChanged(tenant: string, { trigger }: AccessReviewState): Promise<Iterable<string>> {
    if (trigger?.reason !== 'emergencyChange' || trigger.event === null) return [];
    const places = await findEventPlaces(this.database, [trigger.event]);
    const events = await readEventBodies({ store: this.store, reader: this.codec }, places, false);
    const makers = events.map(({ data }) => (data as EmergencyChangeRecorded['data']).by);
    return this.behind.accountsOf(tenant, makers);
  }

  /** What is counted must be all there is. */
  async #caughtUp(): Promise<void> {
    const head = await this.store.head();
    const deadline = performance.now() + PATIENCE_MS;
    while ((await readPosition(this.database)).storePosition < head) {
      if (performance.now() > deadline) throw new ReadModelBehindError();
      await delay(LOOK_MS);
    }
  }
}
