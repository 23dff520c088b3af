import type { Scope } from '#libs/contracts';
import type { AccessReviewRecord } from '#libs/read-model';
import { WITHHELD } from '#libs/vault';
import type { AccessReviewDto } from './access-reviews.dto.js';

/** An access review as the API shows it. What somebody called it may name a person, and is withheld without `personal:read`; what it is called by itself does not. */
export function toAccessReview(
  row: AccessReviewRecord,
  { scopes }: { readonly scopes: ReadonlySet<Scope> },
): AccessReviewDto {
  const isPersonal = row.cause === 'adHoc';
  return {
    id: row.review,
    tenant: row.tenant,
    title: isPersonal && !scopes.has('personal:read') ? WITHHELD : row.title,
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
