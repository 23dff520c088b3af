import { projection } from '../projecting/projection.js';
import { put } from '../projecting/table.js';
import { signInWithdrawalsTable } from './sign-in-withdrawals.table.js';
import { signInsTable } from './sign-ins.table.js';

/** Who signed in when. A sign-in that its account turned away afterwards does not count, whichever of the two facts arrives first. */
export const signIns = projection('sign-ins', 1, {
  sight: 'facts',
  tables: [signInsTable, signInWithdrawalsTable],
  categories: ['signIn', 'signInRefusal'],
  on: {
    SignedIn: ({ id, tenant, data, recordedAt }) => [
      put(signInsTable, {
        event_id: id,
        tenant,
        account: data.account,
        connection: data.connection,
        at: recordedAt,
      }),
    ],
    SignInRefused: ({ tenant, data }) =>
      data.evidence === null ? [] : [put(signInWithdrawalsTable, { evidence: data.evidence, tenant })],
  },
});
