import type { AccessReviewRecord } from '#libs/read-model';
import type { AccessReviewDto } from './access-reviews.dto.js';

/** An access review as the API shows it. */
export function toAccessReview(row: AccessReviewRecord): AccessReviewDto {
  return {
    id: row.review,
    tenant: row.tenant,
    title: row.title,
    policy: row.policy,
    policyVersion: row.policyVersion,
    trigger: { reason: row.cause, event: row.event },
    control: row.control,
    account: row.account,
    knownAt: row.knownAt,
    status: row.status,
    openedAt: row.openedAt.toISOString(),
    openedBy: row.openedBy,
    dueAt: row.dueAt.toISOString(),
    noResponse: row.noResponse,
    items: row.items,
    counts: row.counts,
    held: row.status === 'held' ? toHeld(row.held) : null,
    closedAt: row.closedAt?.toISOString() ?? null,
    closedCode: row.closedCode,
    signedOffAt: row.signedOffAt?.toISOString() ?? null,
    signedOffBy: row.signedOffBy,
    signedOffVia: row.signedOffVia,
  };
}

const toHeld = (held: AccessReviewRecord['held']): AccessReviewDto['held'] =>
  held && { revocations: held.revocations, items: held.items, limit: held.limit, confirm: held.confirm };
