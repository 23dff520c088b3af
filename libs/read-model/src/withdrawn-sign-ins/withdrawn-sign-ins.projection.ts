import { projection } from '../projecting/projection.js';
import { put } from '../projecting/table.js';
import { withdrawnSignInsTable } from './withdrawn-sign-ins.table.js';

/** Which sign-ins their accounts turned away afterwards, and since which position that is known. */
export const withdrawnSignIns = projection('withdrawn-sign-ins', 1, {
  sight: 'facts',
  tables: [withdrawnSignInsTable],
  categories: ['signInRefusal'],
  on: {
    SignInRefused: ({ tenant, position, recordedAt, data }) =>
      data.evidence === null
        ? []
        : [put(withdrawnSignInsTable, { evidence: data.evidence, tenant, position, at: recordedAt })],
  },
});
