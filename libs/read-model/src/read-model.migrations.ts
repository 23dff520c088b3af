import { ACCESS_REVIEWS_SQL } from './access-reviews/access-reviews.table.js';
import { ACCOUNT_HISTORY_2_SQL, ACCOUNT_HISTORY_SQL } from './account-history/account-history.table.js';
import { ACCOUNTS_SQL } from './accounts/accounts.table.js';
import { ACTIVITY_2_SQL, ACTIVITY_SQL } from './activity/activity.table.js';
import { CANDIDATES_SQL } from './candidates/candidates.table.js';
import { CONNECTIONS_2_SQL, CONNECTIONS_SQL } from './connections/connections.table.js';
import { ELEVATIONS_SQL } from './elevations/elevations.table.js';
import { EVENTS_SQL } from './events/events.table.js';
import { FINDINGS_2_SQL, FINDINGS_SQL } from './findings/findings.table.js';
import { GRANT_COUNTS_SQL } from './grant-counts/grant-counts.table.js';
import { GRANT_ORIGINS_SQL } from './grant-origins/grant-origins.table.js';
import { GRANTS_SQL } from './grants/grants.table.js';
import { HELD_CHANGES_SQL } from './held-changes/held-changes.table.js';
import { LINK_PROPOSALS_SQL } from './link-proposals/link-proposals.table.js';
import { PARTITIONS_SQL, PROJECTING_SQL } from './projecting/projecting.table.js';
import { SHADOW_SQL } from './rebuilding/shadow.table.js';
import { RECORDED_USES_SQL } from './recorded-uses/recorded-uses.table.js';
import { REVIEW_DECISIONS_SQL } from './review-decisions/review-decisions.table.js';
import { REVIEW_ITEMS_SQL } from './review-items/review-items.table.js';
import { ROLES_SQL } from './roles/roles.table.js';
import { SIGN_IN_WITHDRAWALS_SQL } from './sign-ins/sign-in-withdrawals.table.js';
import { SIGN_INS_SQL } from './sign-ins/sign-ins.table.js';
import { SOD_EXCEPTIONS_SQL } from './sod-exceptions/sod-exceptions.table.js';
import { WITHDRAWN_SIGN_INS_SQL } from './withdrawn-sign-ins/withdrawn-sign-ins.table.js';

/** Migrations of the read model, in order. */
export const readModelMigrations = [
  { name: '0500-read-model', sql: PROJECTING_SQL },
  { name: '0501-read-model-events', sql: EVENTS_SQL },
  { name: '0502-read-model-connections', sql: CONNECTIONS_SQL },
  { name: '0503-read-model-roles', sql: ROLES_SQL },
  { name: '0504-read-model-accounts', sql: ACCOUNTS_SQL },
  { name: '0505-read-model-account-history', sql: ACCOUNT_HISTORY_SQL },
  { name: '0506-read-model-grants', sql: GRANTS_SQL },
  { name: '0507-read-model-sign-ins', sql: SIGN_INS_SQL },
  { name: '0508-read-model-link-proposals', sql: LINK_PROPOSALS_SQL },
  { name: '0509-read-model-sign-in-withdrawals', sql: SIGN_IN_WITHDRAWALS_SQL },
  { name: '0510-read-model-partitions', sql: PARTITIONS_SQL },
  { name: '0520-read-model-shadow', sql: SHADOW_SQL },
  { name: '0530-read-model-connections-2', sql: CONNECTIONS_2_SQL },
  { name: '0540-read-model-access-reviews', sql: ACCESS_REVIEWS_SQL },
  { name: '0541-read-model-review-items', sql: REVIEW_ITEMS_SQL },
  { name: '0542-read-model-elevations', sql: ELEVATIONS_SQL },
  { name: '0543-read-model-findings', sql: FINDINGS_SQL },
  { name: '0544-read-model-sod-exceptions', sql: SOD_EXCEPTIONS_SQL },
  { name: '0545-read-model-held-changes', sql: HELD_CHANGES_SQL },
  { name: '0546-read-model-activity', sql: ACTIVITY_SQL },
  { name: '0547-read-model-candidates', sql: CANDIDATES_SQL },
  { name: '0550-read-model-account-history-2', sql: ACCOUNT_HISTORY_2_SQL },
  { name: '0551-read-model-grant-counts', sql: GRANT_COUNTS_SQL },
  { name: '0552-read-model-grant-origins', sql: GRANT_ORIGINS_SQL },
  { name: '0553-read-model-review-decisions', sql: REVIEW_DECISIONS_SQL },
  { name: '0554-read-model-withdrawn-sign-ins', sql: WITHDRAWN_SIGN_INS_SQL },
  { name: '0555-read-model-recorded-uses', sql: RECORDED_USES_SQL },
  { name: '0870-read-model-activity-2', sql: ACTIVITY_2_SQL },
  { name: '0871-read-model-findings-2', sql: FINDINGS_2_SQL },
] as const;
