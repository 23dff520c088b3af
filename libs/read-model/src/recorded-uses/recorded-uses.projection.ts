import { OWN_SOURCE_OF_USE } from '#libs/contracts';
import { projection } from '../projecting/projection.js';
import { put } from '../projecting/table.js';
import { recordedUsesTable } from './recorded-uses.table.js';

/** A place where the source speaks of the application as a whole. */
const WHOLE_APPLICATION = '';

/** What was said of the use of applications when. */
export const recordedUses = projection('recorded-uses', 1, {
  sight: 'facts',
  tables: [recordedUsesTable],
  categories: ['applicationSignIn', 'usage'],
  on: {
    ApplicationSignedIn: ({ tenant, position, data: { account, application }, recordedAt }) => [
      put(recordedUsesTable, {
        tenant,
        position,
        account,
        application,
        role: WHOLE_APPLICATION,
        source: OWN_SOURCE_OF_USE,
        used_at: recordedAt,
      }),
    ],
    UsageReported: ({ tenant, position, data: { source, entries } }) =>
      // the last of several rows of one key stays
      [...entries]
        .sort((a, b) => (a.usedAt < b.usedAt ? -1 : 1))
        .map(({ account, application, role, usedAt }) =>
          put(recordedUsesTable, {
            tenant,
            position,
            account,
            application,
            role: role ?? WHOLE_APPLICATION,
            source,
            used_at: usedAt,
          }),
        ),
  },
});
