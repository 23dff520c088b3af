import { Inject, Injectable } from '@nestjs/common';
import type { ReviewItemOpened } from '#libs/contracts';
import type { Database } from '#libs/database';
import {
  type EarlierAnswer,
  mayCarryForward,
  type OpenItem,
  type RecommendationFacts,
  recommend,
  stageTimes,
} from '#libs/domain';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import {
  findLastDecisions,
  lastSignIns,
  lastUses,
  peersOf,
  type ReviewItemRecord,
  type SourceOfUse,
} from '#libs/read-model';
import { sourcesIn, toldBy } from '../usage/told-use.js';
import { AccountFactsReader } from './account-facts.js';
import type { Candidate } from './candidate.js';
import type { ReviewTerms } from './item-questions.js';
import { itemId } from './review-ids.js';
import type { Reviewers } from './reviewer-finder.js';

/** A review whose items are to be written. */
export interface DraftedReview extends ReviewTerms {
  readonly tenant: string;
  readonly review: string;
  readonly policy: string | null;
  readonly trigger: ReviewItemOpened['data']['trigger'];
}

/** An item as it will be opened. */
export type ItemDraft = OpenItem['data'];

type Peers = { readonly holding: number; readonly of: number } | null;
type Uses = Awaited<ReturnType<typeof lastUses>>;

/** Writes the items of reviews: whom they ask, what speaks for and against each grant, what was decided before. */
@Injectable()
export class ItemDrafts {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly accounts: AccountFactsReader,
  ) {}

  /** Begins to write the items of one review; what was looked up for one is known for the others. */
  async begin(review: DraftedReview, reviewers: Reviewers): Promise<ItemWriter> {
    const sources = await sourcesIn(this.database, review.tenant);
    return new ItemWriter(review, reviewers, sources, this.database, this.clock, this.accounts);
  }
}

/** Writes the items of one review, a page at a time: a few statements for all of the page. */
export class ItemWriter {
  readonly #peers = new Map<string, Peers>();

  constructor(
    private readonly review: DraftedReview,
    private readonly reviewers: Reviewers,
    private readonly sources: readonly SourceOfUse[],
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly accounts: AccountFactsReader,
  ) {}

  /** Items about the candidates, in their order. */
  async write(candidates: readonly Candidate[]): Promise<ItemDraft[]> {
    const { tenant, terms } = this.review;
    const now = this.clock.now().toISOString();
    const accounts = [...new Set(candidates.map(({ account }) => account))];
    const [assignments, signIns, uses, last] = await Promise.all([
      this.reviewers.assign(candidates),
      lastSignIns(this.database, { tenant, accounts }),
      this.sources.length > 0 ? lastUses(this.database, { tenant, accounts }) : [],
      terms.carryForward === null ? null : this.#lastDecisions(candidates),
      this.#findPeers(candidates, now),
    ]);
    const usesOf = Map.groupBy(uses, ({ account }) => account);
    const [stageDueAt = this.review.dueAt] = stageTimes(this.review.openedAt, terms.due, terms.stages.length);
    return candidates.map((candidate, index) => {
      const fingerprint = this.#fingerprint(candidate);
      const { account, grant, role, source, privileged } = candidate;
      const earlier = grant === null ? undefined : last?.get(grant);
      const { policy } = this.review;
      const carried = mayCarryForward(terms, { policy, privileged, fingerprint }, answerOf(earlier), now);
      return {
        item: itemId(this.review.review, candidate),
        review: this.review.review,
        policy: this.review.policy,
        trigger: this.review.trigger,
        account,
        grant,
        role,
        source,
        privileged,
        fingerprint,
        ...(assignments[index] as Pick<ItemDraft, 'reviewers' | 'reviewersAs' | 'flags'>),
        recommendation: recommend({
          now,
          provisionedAt: candidate.provisionedAt,
          grantedAt: candidate.from,
          lastSignInAt: signIns.get(account)?.toISOString() ?? null,
          use: this.#use(candidate, usesOf.get(account) ?? [], now),
          peers: othersOf(this.#peers.get(peerKey(candidate)) ?? null, candidate),
          source,
        }),
        stage: 0,
        stages: terms.stages.length,
        stageDueAt,
        dueAt: this.review.dueAt,
        carriedForward: carried ? (earlier?.decision?.event ?? null) : null,
      } as ItemDraft;
    });
  }

  #lastDecisions(candidates: readonly Candidate[]) {
    const grants = candidates.flatMap(({ grant }) => grant ?? []);
    return findLastDecisions(this.database, { tenant: this.review.tenant, grants });
  }

  #fingerprint({ grant, role, source, department, title, manager, employeeType }: Candidate): string {
    const profile = { department, title, manager, employeeType };
    return this.accounts.fingerprint({ role, grant: grant === null ? null : { id: grant, source }, profile });
  }

  async #findPeers(candidates: readonly Candidate[], now: string): Promise<void> {
    const asked = new Map<string, { department: string; title: string; role: string }>();
    for (const candidate of candidates) {
      const { department, title, role } = candidate;
      const key = peerKey(candidate);
      if (department !== null && title !== null && !this.#peers.has(key)) asked.set(key, { department, title, role });
    }
    if (asked.size === 0) return;
    const found = await peersOf(this.database, { tenant: this.review.tenant, now, asked: [...asked.values()] });
    for (const { department, title, role, peers, holders } of found)
      this.#peers.set(peerKey({ department, title, role }), { holding: holders, of: peers });
  }

  /** A role of which its own source tells is known by that; any other by its application. */
  #use({ role, application }: Candidate, uses: Uses, now: string): RecommendationFacts['use'] {
    const ofRole = this.sources.filter((source) => source.application === application && source.role === role);
    const ofApplication = this.sources.filter((source) => source.application === application && source.role === null);
    const known = ofRole.length > 0 ? ofRole : ofApplication;
    const told = toldBy(known, now);
    if (told === null) return null;
    const named = known === ofRole ? role : null;
    const mine = uses.filter((use) => use.application === application && (named === null || use.role === named));
    return {
      lastUsedAt: dayAsInstant(
        mine
          .map(({ usedOn }) => usedOn)
          .sort()
          .at(-1),
      ),
      knownSince: told.since,
      knownUntil: told.until,
    };
  }
}

/** The answer of an item that a person decided. */
function answerOf(item: ReviewItemRecord | undefined): EarlierAnswer | null {
  if (!item?.decision) return null;
  const { outcome, fingerprint, decision, policy, flags } = item;
  return { outcome: outcome as EarlierAnswer['outcome'], fingerprint, decidedAt: decision.at, policy, flags };
}

const dayAsInstant = (day: string | undefined): string | null => (day === undefined ? null : `${day}T00:00:00.000Z`);

/** The others: whoever is asked about is one of those counted. */
function othersOf(peers: Peers, { grant }: Candidate): Peers {
  if (peers === null || peers.of <= 1) return null;
  return { holding: Math.max(0, peers.holding - (grant === null ? 0 : 1)), of: peers.of - 1 };
}

const peerKey = ({ department, title, role }: Pick<Candidate, 'department' | 'title' | 'role'>): string =>
  JSON.stringify([department, title, role]);
