import { projection } from '../projecting/projection.js';
import { put } from '../projecting/table.js';
import { reviewDecisionsTable } from './review-decisions.table.js';

/** Who decided what about which grant when. */
export const reviewDecisions = projection('review-decisions', 1, {
  sight: 'facts',
  tables: [reviewDecisionsTable],
  categories: ['reviewItem'],
  ignores: ['ReviewItemOpened', 'ReviewItemAssigned', 'ReviewItemReminded', 'ReviewItemClosed', 'ReviewItemReopened'],
  on: {
    ReviewDecisionRecorded: ({ id, tenant, position, recordedAt, data }) => [
      put(reviewDecisionsTable, {
        tenant,
        position,
        event_id: id,
        item: data.item,
        review: data.review,
        account: data.account,
        grant_id: data.grant,
        role: data.role,
        decision: data.decision,
        by: data.by,
        via: data.decidedVia,
        at: recordedAt,
        until: data.until,
      }),
    ],
  },
});
