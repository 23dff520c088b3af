import { accessReviews } from './access-reviews/access-reviews.projection.js';
import { accountHistory } from './account-history/account-history.projection.js';
import { accounts } from './accounts/accounts.projection.js';
import { activity } from './activity/activity.projection.js';
import { connections } from './connections/connections.projection.js';
import { elevations } from './elevations/elevations.projection.js';
import { events } from './events/events.projection.js';
import { findings } from './findings/findings.projection.js';
import { grantCounts } from './grant-counts/grant-counts.projection.js';
import { grantOrigins } from './grant-origins/grant-origins.projection.js';
import { grants } from './grants/grants.projection.js';
import { heldChanges } from './held-changes/held-changes.projection.js';
import { linkProposals } from './link-proposals/link-proposals.projection.js';
import type { Projection } from './projecting/projection.js';
import { recordedUses } from './recorded-uses/recorded-uses.projection.js';
import { reviewDecisions } from './review-decisions/review-decisions.projection.js';
import { reviewItems } from './review-items/review-items.projection.js';
import { roles } from './roles/roles.projection.js';
import { signIns } from './sign-ins/sign-ins.projection.js';
import { sodExceptions } from './sod-exceptions/sod-exceptions.projection.js';
import { withdrawnSignIns } from './withdrawn-sign-ins/withdrawn-sign-ins.projection.js';

/** Every projection there is. Answers hold at the position that all of them have reached. */
export const PROJECTIONS: readonly Projection[] = [
  events,
  connections,
  roles,
  accounts,
  accountHistory,
  grants,
  signIns,
  linkProposals,
  activity,
  accessReviews,
  reviewItems,
  elevations,
  findings,
  sodExceptions,
  heldChanges,
  grantCounts,
  grantOrigins,
  reviewDecisions,
  withdrawnSignIns,
  recordedUses,
];
