import { projection } from '../projecting/projection.js';
import { change, put } from '../projecting/table.js';
import { signInsTable } from './sign-ins.table.js';

/** Who signed in when. A sign-in that its account turned away afterwards does not count. */
export const signIns = projection('sign-ins', 1, {
  sight: 'facts',
  tables: [signInsTable],
  categories: ['signIn', 'signInRefusal'],
  on: {
    SignedIn: ({ id, tenant, data, recordedAt }) => [
      put(signInsTable, {
        event_id: id,
        tenant,
        account: data.account,
        connection: data.connection,
        at: recordedAt,
        refused: false,
      }),
    ],
    SignInRefused: ({ data }) =>
      data.evidence === null
        ? []
        : [change(signInsTable, { event_id: data.evidence }, (row) => row && { ...row, refused: true })],
  },
});
