import type { ReviewItemOpened, ReviewPolicy } from '#libs/contracts';
import type { ReviewItemState } from './review-item.state.js';

/** An item that nobody decided in time. */
export interface SilentItem {
  readonly item: string;
  readonly recommendation: ReviewItemOpened['data']['recommendation']['decision'];
  /** Whether a notice of it reached somebody. */
  readonly delivered: boolean;
  /** Whether a reminder followed. */
  readonly reminded: boolean;
}

/** By account and kind of notice, when the last one about a review was taken over by a mail server, ISO-8601 UTC. */
export type ToldAt = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Whether somebody who is asked about an item was told of it, and reminded. What they were told before they were asked was about other items.
 */
export function deliveryOf(
  { reviewers, askedSince, reminded }: Pick<ReviewItemState, 'reviewers' | 'askedSince' | 'reminded'>,
  toldAt: ToldAt,
): Pick<SilentItem, 'delivered' | 'reminded'> {
  const was = (account: string, kinds: readonly string[]) =>
    kinds.some((kind) => (toldAt.get(account)?.get(kind) ?? '') >= (askedSince[account] ?? '~'));
  return {
    delivered: reviewers.some((account) => was(account, TELLING)),
    reminded: reviewers.some((account) => reminded.includes(account) && was(account, ['review-reminder'])),
  };
}

const TELLING = ['review-items', 'review-reminder', 'review-escalation'];

/** What silence comes to. */
export interface Silence {
  /** Ids of items that end without anything being taken away, in the order given. */
  readonly keep: readonly string[];
  /** Ids of items whose grants would be revoked. */
  readonly revoke: readonly string[];
  /** Whether that is more than the policy lets silence revoke: then somebody has to confirm first. */
  readonly held: boolean;
  readonly limit: number;
  /** The revocations in canonical form; its SHA-256 is what confirms exactly these. */
  readonly confirmable: string;
}

/**
 * Decides what it means that nobody answered. Nothing is revoked of which nobody was told, and reminded, in vain.
 * @param review `items`: everybody whose time is over; `total`: every item of the review; `already`: how many of them silence has
 * revoked before
 */
export function silence(
  { noResponse, maxRevocations }: Pick<ReviewPolicy, 'noResponse' | 'maxRevocations'>,
  review: { readonly items: readonly SilentItem[]; readonly total: number; readonly already: number },
): Silence {
  const revokes = ({ recommendation, delivered, reminded }: SilentItem) =>
    delivered &&
    reminded &&
    (noResponse === 'revoke' || (noResponse === 'recommendation' && recommendation === 'revoke'));
  const idsOf = (items: readonly SilentItem[]) => items.map(({ item }) => item);
  const revoke = idsOf(review.items.filter(revokes));
  const limit = Math.max(Math.floor((review.total * maxRevocations.percent) / 100), maxRevocations.atLeast);
  return {
    keep: idsOf(review.items.filter((item) => !revokes(item))),
    revoke,
    held: revoke.length > 0 && review.already + revoke.length > limit,
    limit,
    confirmable: JSON.stringify([...revoke].sort()),
  };
}
