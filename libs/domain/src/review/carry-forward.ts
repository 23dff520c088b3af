import type { ReviewItemClosed, ReviewPolicy } from '#libs/contracts';
import { durationMs, instantAfter } from '#libs/kernel';

/** How the same question was answered last. */
export interface EarlierAnswer {
  readonly outcome: ReviewItemClosed['data']['outcome'];
  readonly fingerprint: string;
  /** When a person decided it. */
  readonly decidedAt: string;
  /** Policy of the review in which that was; null for one that somebody opened on terms of their own. */
  readonly policy: string | null;
  /** What spoke against who was asked, such as that it was their own grant. */
  readonly flags: readonly string[];
}

/**
 * Whether a grant need not be asked about because somebody certified it not long ago, with the same rule and the same attributes of the
 * person, in a review of the same policy (or of none, where none asks now). Never for privileged roles, nor for reviews that are evidence for a control; and neither a decision
 * that was itself carried forward, nor one by somebody whom the grant concerns, is a decision that another could rest on.
 * @param asked.policy of the review that asks now; null for one on terms of its own
 * @param now ISO-8601 UTC; a decision is good until its time is over, exclusive
 */
export function mayCarryForward(
  { carryForward, control }: Pick<ReviewPolicy, 'carryForward' | 'control'>,
  asked: { readonly policy: string | null; readonly privileged: boolean; readonly fingerprint: string },
  last: EarlierAnswer | null,
  now: string,
): boolean {
  if (carryForward === null || control !== null || asked.privileged || last === null) return false;
  return (
    last.outcome === 'certified' &&
    last.fingerprint === asked.fingerprint &&
    last.policy === asked.policy &&
    last.flags.length === 0 &&
    now < instantAfter(last.decidedAt, durationMs(carryForward.validFor))
  );
}
