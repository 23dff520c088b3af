import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type {
  AccessRevoked,
  AccountEvent,
  ProfileUpdated,
  SodConflictPrevented,
  UserDeactivated,
} from '#libs/contracts';
import type { Database } from '#libs/database';
import { needsReopening, type ReviewItemState, whatChanged } from '#libs/domain';
import { instantAfter, type SealedEvent } from '#libs/kernel';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import { findLiveItemsOf, findMootItems } from '#libs/read-model';
import { EventSteps } from '../reading/event-steps.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { type AccountFacts, AccountFactsReader } from './account-facts.js';
import { Attempts } from './attempts.js';
import { inParallel } from './in-parallel.js';
import { ItemQuestions } from './item-questions.js';
import { ReviewLog } from './review-log.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { ReviewersGone } from './reviewers-gone.js';

/** Items of one page. */
const PAGE_ITEMS = 500;
/** Items that are worked on at the same time. */
const AT_ONCE = 16;
/** Time that a question gets at least that is put again, milliseconds. */
const ANEW_MS = 86_400_000;
const HOUR_MS = 3_600_000;

type Change = SealedEvent & (AccessRevoked | ProfileUpdated | SodConflictPrevented | UserDeactivated);

/** Keeps questions up with what happens: nothing is asked that has no object any more, and what was certified is asked again when it is not so. */
@Injectable()
export class ItemRecheckStep implements OnModuleInit {
  constructor(
    private readonly steps: EventSteps,
    private readonly commands: GovernanceCommands,
    private readonly log: ReviewLog,
    private readonly questions: ItemQuestions,
    private readonly accounts: AccountFactsReader,
    private readonly finder: ReviewerFinder,
    private readonly gone: ReviewersGone,
    private readonly attempts: Attempts,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const types = ['AccessRevoked', 'ProfileUpdated', 'SodConflictPrevented', 'UserDeactivated'];
    this.steps.add({ name: 'item-recheck', types, handle: (event) => this.#handle(event as Change) });
  }

  /** Grants whose time is over end without an event: somebody has to look. */
  async closeMoot(): Promise<void> {
    const now = this.clock.now().toISOString();
    let after: number | undefined;
    do {
      const items = await findMootItems(this.database, { now, after, limit: PAGE_ITEMS });
      await this.attempts.each('moot item', items, { atOnce: AT_ONCE }, async ({ tenant, item }) => {
        const state = await this.log.item(tenant, item);
        await this.#closeIfMoot(tenant, state, await this.accounts.read(tenant, state.account));
      });
      // an item that could not be closed is passed by: it must not keep the others from their turn
      after = items.length === PAGE_ITEMS ? items.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
  }

  async #handle(event: Change): Promise<void> {
    const { tenant } = event;
    const { account } = event.data;
    if (event.type === 'UserDeactivated')
      await this.gone.replace(tenant, account, (item) => this.commands.because(event, `reviewer-gone/${item}`));
    if (event.type === 'ProfileUpdated' && whatChanged(event as AccountEvent).length === 0) return;
    const items = await this.#liveItems(tenant, account);
    if (items.length === 0) return;
    const facts = await this.accounts.read(tenant, account);
    await inParallel(items, AT_ONCE, async (id) => {
      const item = await this.log.item(tenant, id);
      if (event.type === 'ProfileUpdated') await this.#reopenIfChanged(event, item, facts);
      else await this.#closeIfMoot(tenant, item, facts);
    });
  }

  async #liveItems(tenant: string, account: string): Promise<string[]> {
    const ids: string[] = [];
    let after: number | undefined;
    do {
      const query = { tenant, accounts: [account], limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) };
      const page = await findLiveItemsOf(this.database, query);
      ids.push(...page.map(({ item }) => item));
      after = page.length === PAGE_ITEMS ? page.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
    return ids;
  }

  async #closeIfMoot(tenant: string, item: ReviewItemState, facts: AccountFacts): Promise<void> {
    if (item.status !== 'open' && item.status !== 'revoking') return;
    const accountEnded = facts.state.mergedInto !== null;
    const { grantOpen, endedBy } = this.accounts.decisionFacts(facts, item);
    // what was decided closes by its own effect
    if (grantOpen || (item.status === 'revoking' && !accountEnded)) return;
    const because = endedBy ?? (accountEnded ? facts.state.deactivation : null);
    const metadata = this.commands.byItself(tenant, ['moot', item.id, because ?? 'time']);
    await this.log.runItem(item.id, { type: 'CloseItemAsMoot', data: { because, accountEnded }, metadata });
  }

  async #reopenIfChanged(
    event: SealedEvent & ProfileUpdated,
    item: ReviewItemState,
    facts: AccountFacts,
  ): Promise<void> {
    const { tenant } = event;
    const { fingerprint, grantOpen } = this.accounts.decisionFacts(facts, item);
    if (!grantOpen || !needsReopening(item, fingerprint)) return;
    const review = await this.log.review(tenant, item.review);
    if (review.terms === null || review.status === 'closed' || review.status === 'signedOff') return;
    const reviewers = await this.finder.under(tenant, review.terms);
    const [assignment] = await reviewers.assign([
      await this.questions.questioned(tenant, { ...item, certifiedBy: [] }),
    ]);
    if (!assignment) return;
    const begins = nextHour(this.clock.now());
    const anew = instantAfter(begins, ANEW_MS);
    const dueAt = review.dueAt > anew ? review.dueAt : anew;
    const share = Math.floor((Date.parse(dueAt) - Date.parse(begins)) / item.stages);
    const data = {
      changed: whatChanged(event as AccountEvent),
      event: event.id,
      fingerprint,
      assignment,
      stageDueAt: instantAfter(begins, share),
      dueAt,
    };
    const metadata = this.commands.because(event, `reopen/${item.id}`);
    await this.log.runItem(item.id, { type: 'ReopenItem', data, metadata });
  }
}

/** The next full hour: items that one event reopens are due together, and told of together. */
const nextHour = (at: Date): string => new Date(Math.ceil(at.getTime() / HOUR_MS) * HOUR_MS).toISOString();
