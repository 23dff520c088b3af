import type { ReviewDecisionRecorded, ReviewItemAssigned, ReviewItemClosed, ReviewItemEvent } from '#libs/contracts';
import { personBehind, senderOf } from '#libs/kernel';
import { type Assignment, type DecideItem, type PassOnItem, REVIEWERS_MAX } from './review-item.commands.js';
import {
  ApprovedByReviewerError,
  CertifiedBeforeError,
  InvalidNewReviewerError,
  NotAReviewerError,
  OwnGrantError,
  ReviewItemChangedError,
  ReviewItemClosedError,
  ReviewItemStageOverError,
  ReviewReasonRequiredError,
  ReviewUntilInvalidError,
  TooManyReviewersError,
} from './review-item.errors.js';
import type { ReviewItemState } from './review-item.state.js';

/**
 * Decides what follows when a reviewer answers. The first who settles a stage settles it for everybody. A grant that is gone leaves
 * nothing to decide: the item is moot, whatever was meant. One revocation ends the question, in whichever stage; a certificate ends
 * it in the last.
 * @throws {ReviewItemClosedError} when somebody was quicker
 * @throws {ReviewItemChangedError} when an earlier stage certified something else
 * @throws {CertifiedBeforeError} when the same person would certify two stages
 * @throws {TypeError} when stages remain and the caller does not say who is asked next
 */
export function decideItem(command: DecideItem, state: ReviewItemState): ReviewItemEvent[] {
  const { data } = command;
  requireReviewer(command, state);
  if (data.decision !== 'abstain') requireDistance(command, state);
  if (!data.facts.grantOpen) return [itemClosed(state, 'moot', { because: data.facts.endedBy })];
  requireReason(command);
  if (data.decision === 'reduce') requireEnd(command, state);
  switch (data.decision) {
    case 'abstain':
      return [recorded(command, state), ...askFallback(command, state)];
    case 'certify':
      return certify(command, state);
    case 'revoke':
    case 'reduce':
      return [recorded(command, state)];
  }
}

/**
 * Decides what follows when a reviewer asks somebody else. Who is asked must be free to decide, like those who were found.
 * @throws {InvalidNewReviewerError} when they are not
 */
export function passOnItem(command: PassOnItem, state: ReviewItemState): ReviewItemEvent[] {
  const { data } = command;
  requireReviewer(command, state);
  if (!data.facts.grantOpen) return [itemClosed(state, 'moot', { because: data.facts.endedBy })];
  requireReason(command);
  const { to, by, decision } = data;
  const flags = flagsOf([to], command, state);
  const free = data.terms.selfReview || (flags.length === 0 && !state.certifiedBy.includes(to));
  if (to === by || !free) throw new InvalidNewReviewerError();
  const reviewers = decision === 'reassign' ? [to] : [...new Set([...state.reviewers, to])];
  if (reviewers.length > REVIEWERS_MAX) throw new TooManyReviewersError(REVIEWERS_MAX);
  const kept = decision === 'reassign' ? flags : [...new Set([...state.flags, ...flags])];
  const why = decision === 'reassign' ? 'reassigned' : 'delegated';
  return [
    recorded(command, state),
    itemAssigned(state, { reviewers, reviewersAs: 'named', flags: kept }, { why, by, reason: data.reason }),
  ];
}

/** Whether somebody decides about what they hold, gave or approved themselves. */
type Flags = ReviewDecisionRecorded['data']['flags'];

function flagsOf(accounts: readonly string[], { data }: DecideItem | PassOnItem, state: ReviewItemState): Flags {
  return [
    ...(accounts.includes(state.account) ? (['ownGrant'] as const) : []),
    ...(accounts.some((account) => data.approvedBy.has(account)) ? (['approvedByReviewer'] as const) : []),
  ];
}

/** Whose word a decision is: the reviewer's, and that of whoever made the key that it comes through. */
function deciding({ data, metadata }: DecideItem | PassOnItem): readonly string[] {
  const person = personBehind(metadata, senderOf(metadata));
  return [data.by, ...(person.startsWith(ACCOUNT) ? [person.slice(ACCOUNT.length)] : [])];
}

const ACCOUNT = 'account:';

function requireReviewer({ data }: DecideItem | PassOnItem, state: ReviewItemState): void {
  if (!state.reviewers.includes(data.by)) {
    // whoever was asked in an earlier stage, or came second, is told what happened rather than sent away
    if (state.status !== 'open') throw new ReviewItemClosedError();
    if (data.stage !== state.stage) throw new ReviewItemStageOverError(state.stage);
    throw new NotAReviewerError();
  }
  if (state.status !== 'open') throw new ReviewItemClosedError();
  if (data.stage !== state.stage) throw new ReviewItemStageOverError(state.stage);
}

function requireDistance(command: DecideItem, state: ReviewItemState): void {
  const { terms, decision } = command.data;
  if (terms.selfReview) return;
  const people = deciding(command);
  if (decision === 'certify' && people.some((account) => state.certifiedBy.includes(account)))
    throw new CertifiedBeforeError();
  const flags = flagsOf(people, command, state);
  if (flags.includes('ownGrant')) throw new OwnGrantError();
  if (flags.includes('approvedByReviewer')) throw new ApprovedByReviewerError();
}

function requireReason({ data: { decision, reason, terms } }: DecideItem | PassOnItem): void {
  const needed = decision === 'revoke' || terms.reasons.includes(decision);
  if (needed && !reason?.trim()) throw new ReviewReasonRequiredError(`the decision "${decision}"`);
}

function requireEnd({ data, metadata }: DecideItem, state: ReviewItemState): void {
  const { until, facts } = data;
  const end = state.grant === null ? null : facts.grantUntil;
  if (state.grant === null || until === null || until <= metadata.now || (end !== null && until >= end))
    throw new ReviewUntilInvalidError(end);
}

/** What a later stage certifies must be what the earlier one did, else the two have said nothing about the same thing. */
function certify(command: DecideItem, state: ReviewItemState): ReviewItemEvent[] {
  const { next, facts } = command.data;
  if (state.stage > 0 && facts.fingerprint !== state.fingerprint) throw new ReviewItemChangedError();
  const decision = recorded(command, state);
  if (state.stage + 1 === state.stages)
    return [decision, itemClosed(state, 'certified', { because: null, fingerprint: facts.fingerprint })];
  if (next === null) throw new TypeError('Whoever certifies a stage has to say who is asked in the next one.');
  const after = { why: 'next-stage', by: null, reason: null } as const;
  return [decision, itemAssigned({ ...state, stage: state.stage + 1, stageDueAt: next.stageDueAt }, next, after)];
}

function askFallback({ data }: DecideItem, state: ReviewItemState): ReviewItemEvent[] {
  const left = state.reviewers.filter((reviewer) => reviewer !== data.by);
  const others = (data.fallback?.reviewers ?? []).filter((reviewer) => reviewer !== data.by);
  if (left.length > 0 || data.fallback === null || others.length === 0) return [];
  const after = { why: 'reviewer-gone', by: null, reason: null } as const;
  return [itemAssigned(state, { ...data.fallback, reviewers: others }, after)];
}

function recorded(command: DecideItem | PassOnItem, state: ReviewItemState): ReviewDecisionRecorded {
  const { data } = command;
  return {
    type: 'ReviewDecisionRecorded',
    data: {
      ...ofItem(state),
      grant: state.grant,
      role: state.role,
      stage: state.stage,
      decision: data.decision,
      until: data.decision === 'reduce' ? data.until : null,
      to: 'to' in data ? data.to : null,
      by: data.by,
      decidedVia: data.via,
      apiKey: data.apiKey,
      bulk: data.bulk,
      tookMs: data.tookMs,
      flags: flagsOf(deciding(command), command, state),
      accountRevision: data.facts.accountRevision,
      fingerprint: data.facts.fingerprint,
      reason: data.reason,
    },
  };
}

/** What every event of an item says. */
export const ofItem = ({ id, review, account }: ReviewItemState) => ({ item: id, review, account });

/** An item comes to its end. Without a fingerprint it ends as it was last asked or decided about. */
export function itemClosed(
  state: ReviewItemState,
  outcome: ReviewItemClosed['data']['outcome'],
  {
    because,
    effectAfterMs = null,
    fingerprint = state.fingerprint,
  }: { readonly because: string | null; readonly effectAfterMs?: number | null; readonly fingerprint?: string },
): ReviewItemClosed {
  return { type: 'ReviewItemClosed', data: { ...ofItem(state), outcome, because, effectAfterMs, fingerprint } };
}

/** Others are asked about an item, in the stage that the state is in. */
export function itemAssigned(
  state: ReviewItemState,
  { reviewers, reviewersAs, flags }: Assignment,
  after: Pick<ReviewItemAssigned['data'], 'why' | 'by' | 'reason'>,
): ReviewItemAssigned {
  const { stage, stageDueAt } = state;
  return {
    type: 'ReviewItemAssigned',
    data: { ...ofItem(state), stage, reviewers: [...reviewers], reviewersAs, flags: [...flags], stageDueAt, ...after },
  };
}
