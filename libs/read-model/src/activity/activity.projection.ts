import { projection } from '../projecting/projection.js';
import { put, type RowChange } from '../projecting/table.js';
import { type UseRow, unknownGroupsTable, useSourcesTable, usesTable } from './activity.table.js';

/** Source of use that Gatebook is itself: a person comes in to an application through its OpenID provider. */
const OWN_SOURCE = 'op';

/** A place where the source speaks of the application as a whole. */
const WHOLE_APPLICATION = '';

/** When people last used what, as far as a source says so, and who signs in without word of groups. */
export const activity = projection('activity', 1, {
  sight: 'facts',
  tables: [usesTable, useSourcesTable, unknownGroupsTable],
  categories: ['applicationSignIn', 'usage', 'signIn'],
  on: {
    ApplicationSignedIn: ({ tenant, data: { account, application }, recordedAt }) =>
      use({ tenant, account, application, role: WHOLE_APPLICATION, source: OWN_SOURCE, used_on: dayOf(recordedAt) }),
    UsageReported: ({ tenant, data: { source, entries } }) =>
      entries.flatMap(({ account, application, role, usedAt }) =>
        use({ tenant, account, application, role: role ?? WHOLE_APPLICATION, source, used_on: dayOf(usedAt) }),
      ),
    SignedIn: ({ id, tenant, data: { account, connection, groups }, recordedAt }) =>
      groups === 'unknown'
        ? [put(unknownGroupsTable, { event_id: id, tenant, account, connection, at: recordedAt })]
        : [],
  },
});

/** The day in UTC: an instant is ISO-8601 UTC. */
const dayOf = (instant: string): string => instant.slice(0, 'yyyy-mm-dd'.length);

function use(row: UseRow): RowChange[] {
  const { account: _whoever, ...source } = row;
  return [put(usesTable, row), put(useSourcesTable, source)];
}
