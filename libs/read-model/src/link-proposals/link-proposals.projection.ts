import { projection } from '../projecting/projection.js';
import { put } from '../projecting/table.js';
import { linkProposalsTable } from './link-proposals.table.js';

/** People who would be let in if an administrator linked them. The subject stays in the event: it is the data of a stranger, kept for a time only. */
export const linkProposals = projection('link-proposals', 1, {
  sight: 'facts',
  tables: [linkProposalsTable],
  categories: ['signInRefusal'],
  on: {
    SignInRefused: ({ id, tenant, data, recordedAt, position }) =>
      data.code === 'account-exists-unlinked' && data.connection !== null
        ? [
            put(linkProposalsTable, {
              event_id: id,
              tenant,
              connection: data.connection,
              account: data.account,
              at: recordedAt,
              position,
            }),
          ]
        : [],
  },
});
