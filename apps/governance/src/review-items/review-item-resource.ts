import type { ReviewItemRecord } from '#libs/read-model';
import type { RecordedDecisionDto, ReviewItemDto } from './review-items.dto.js';

/** A review item as the API shows it: ids only, nothing that says who somebody is. */
export function toReviewItem(row: ReviewItemRecord): ReviewItemDto {
  const { item, cause, event, openedAt, stageDueAt, dueAt, closedAt, decision } = row;
  return {
    id: item,
    review: row.review,
    policy: row.policy,
    trigger: { event, reason: cause },
    account: row.account,
    grant: row.grant,
    role: row.role,
    privileged: row.privileged,
    source: row.source,
    reviewers: row.reviewers,
    reviewersAs: row.reviewersAs,
    flags: row.flags,
    recommendation: row.recommendation,
    openedAt: openedAt.toISOString(),
    stage: row.stage,
    stages: row.stages,
    stageDueAt: stageDueAt.toISOString(),
    dueAt: dueAt.toISOString(),
    status: row.status,
    decision: decision && toDecision(decision),
    outcome: row.outcome,
    closedAt: closedAt?.toISOString() ?? null,
    because: row.because,
    effectAfterMs: row.effectAfterMs,
  };
}

function toDecision(decision: NonNullable<ReviewItemRecord['decision']>): RecordedDecisionDto {
  const { via, at, until, ...rest } = decision;
  return { ...rest, decidedVia: via, at, until };
}
