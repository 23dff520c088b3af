import type { ReviewItemEvent } from '#libs/contracts';
import type { Decider, RecordedEvent } from '#libs/kernel';
import {
  type AssignItem,
  type CloseItemAsMoot,
  type ConfirmItemEffect,
  type ExpireItem,
  type OpenItem,
  REVIEWERS_MAX,
  type RemindItem,
  type ReopenItem,
  type ReviewItemCommand,
} from './review-item.commands.js';
import { decideItem, itemAssigned, itemClosed, ofItem, passOnItem } from './review-item.decision.js';
import { ReviewItemNotFoundError } from './review-item.errors.js';
import { evolveItem, NO_ITEM, needsReopening, type ReviewItemState } from './review-item.state.js';

/**
 * One question, from being put to its answer having taken effect. What people ask of it is refused where it does not fit; what the system
 * asks is passed over in silence then, because the system asks again after every interruption and may come late.
 */
export const reviewItemDecider: Decider<ReviewItemCommand, ReviewItemState, ReviewItemEvent> = {
  initialState: NO_ITEM,
  decide,
  evolve: (state, event) => evolveItem(state, event as RecordedEvent & ReviewItemEvent),
};

function decide(command: ReviewItemCommand, state: ReviewItemState): readonly ReviewItemEvent[] {
  if (command.type === 'OpenItem') return open(command, state);
  if (state.status === 'absent') throw new ReviewItemNotFoundError();
  switch (command.type) {
    case 'DecideItem':
      return decideItem(command, state);
    case 'PassOnItem':
      return passOnItem(command, state);
    case 'AssignItem':
      return assign(command, state);
    case 'RemindItem':
      return remind(command, state);
    case 'ExpireItem':
      return expire(command, state);
    case 'ConfirmItemEffect':
      return confirmEffect(command, state);
    case 'CloseItemAsMoot':
      return closeAsMoot(command, state);
    case 'ReopenItem':
      return reopen(command, state);
  }
}

function open({ data }: OpenItem, state: ReviewItemState): ReviewItemEvent[] {
  if (state.status !== 'absent') return [];
  const { carriedForward, ...question } = data;
  const { item, review, account, fingerprint } = question;
  const answered = { item, review, account, outcome: 'carriedForward' as const, because: carriedForward, fingerprint };
  return [
    { type: 'ReviewItemOpened', data: question },
    ...(carriedForward === null
      ? []
      : [{ type: 'ReviewItemClosed' as const, data: { ...answered, effectAfterMs: null } }]),
  ];
}

/** Whether a command of the system still meets the stage that it was meant for. */
const isAsked = (state: ReviewItemState, stage: number): boolean => state.status === 'open' && state.stage === stage;

function assign({ data }: AssignItem, state: ReviewItemState): ReviewItemEvent[] {
  const { why, stage, assignment, reason } = data;
  const escalates = why === 'escalated';
  if (!isAsked(state, stage) || (escalates && state.escalated)) return [];
  if (why === 'reviewer-found' && state.reviewers.length > 0) return [];
  const wanted = escalates ? [...state.reviewers, ...assignment.reviewers] : assignment.reviewers;
  const reviewers = [...new Set(wanted)].slice(0, REVIEWERS_MAX);
  const same =
    reviewers.length === state.reviewers.length && reviewers.every((reviewer) => state.reviewers.includes(reviewer));
  // that time ran out is on record also where it leads to the same people, or to nobody: it is not looked into again
  if (same && !escalates) return [];
  const flags = escalates ? [...new Set([...state.flags, ...assignment.flags])] : assignment.flags;
  const reviewersAs = escalates && state.reviewers.length > 0 ? state.reviewersAs : assignment.reviewersAs;
  return [itemAssigned(state, { reviewers, reviewersAs, flags }, { why, by: null, reason })];
}

function remind({ data }: RemindItem, state: ReviewItemState): ReviewItemEvent[] {
  if (!isAsked(state, data.stage) || state.reviewers.length === 0) return [];
  if (state.remindedAt !== null && state.remindedAt >= data.due) return [];
  const { stage, reviewers } = state;
  return [{ type: 'ReviewItemReminded', data: { ...ofItem(state), stage, reviewers: [...reviewers] } }];
}

/** Silence takes nothing from anybody whose reviewers did not know: a notice must have come through, and one reminder must have followed. */
function expire({ data, metadata }: ExpireItem, state: ReviewItemState): ReviewItemEvent[] {
  const { stage, outcome, delivered, facts, reason } = data;
  if (!isAsked(state, stage)) return [];
  if (!facts.grantOpen) return [itemClosed(state, 'moot', { because: facts.endedBy })];
  const { grant, role, remindedAt, stageDueAt } = state;
  const revokes = outcome === 'revoke' && delivered && remindedAt !== null && metadata.now >= stageDueAt;
  if (!revokes) return [itemClosed(state, 'expired', { because: null, fingerprint: facts.fingerprint })];
  const { accountRevision, fingerprint } = facts;
  const nobody = { until: null, to: null, by: null, decidedVia: 'system', apiKey: null, tookMs: null } as const;
  const said = { ...ofItem(state), grant, role, stage, accountRevision, fingerprint, reason };
  return [{ type: 'ReviewDecisionRecorded', data: { ...said, ...nobody, decision: 'revoke', bulk: false, flags: [] } }];
}

function confirmEffect({ data }: ConfirmItemEffect, state: ReviewItemState): ReviewItemEvent[] {
  if (state.status !== 'revoking' || state.decision === null) return [];
  const outcome = state.decision.decision === 'reduce' ? 'reduced' : 'revoked';
  const effectAfterMs = Math.max(0, Date.parse(data.effectiveAt) - Date.parse(state.decision.at));
  return [itemClosed(state, outcome, { because: data.because, effectAfterMs })];
}

/** What was decided is not dropped because the grant is gone: that the role stays away has to take effect as well, while there is an account. */
function closeAsMoot({ data }: CloseItemAsMoot, state: ReviewItemState): ReviewItemEvent[] {
  const ends = state.status === 'open' || (state.status === 'revoking' && data.accountEnded);
  return ends ? [itemClosed(state, 'moot', { because: data.because })] : [];
}

function reopen({ data }: ReopenItem, state: ReviewItemState): ReviewItemEvent[] {
  const { changed, event, fingerprint, assignment, stageDueAt, dueAt } = data;
  if (!needsReopening(state, fingerprint)) return [];
  const after = { why: 'reopened', by: null, reason: null } as const;
  return [
    {
      type: 'ReviewItemReopened',
      data: { ...ofItem(state), changed: [...changed], event, fingerprint, stageDueAt, dueAt },
    },
    itemAssigned({ ...state, stage: 0, stageDueAt }, assignment, after),
  ];
}
