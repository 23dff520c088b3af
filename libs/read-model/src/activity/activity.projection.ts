import { OWN_SOURCE_OF_USE } from '#libs/contracts';
import { projection } from '../projecting/projection.js';
import { put, type RowChange } from '../projecting/table.js';
import { type UseRow, unknownGroupsTable, useSourcesTable, usesTable } from './activity.table.js';

/** A place where the source speaks of the application as a whole. */
const WHOLE_APPLICATION = '';

/** When people last used what, as far as a source says so and since it does, and who signs in without word of groups. Version 2 keeps when sources spoke. */
export const activity = projection('activity', 2, {
  sight: 'facts',
  tables: [usesTable, useSourcesTable, unknownGroupsTable],
  categories: ['applicationSignIn', 'usage', 'signIn'],
  on: {
    ApplicationSignedIn: ({ tenant, data: { account, application }, recordedAt }) =>
      use(
        {
          tenant,
          account,
          application,
          role: WHOLE_APPLICATION,
          source: OWN_SOURCE_OF_USE,
          used_on: dayOf(recordedAt),
        },
        recordedAt,
      ),
    UsageReported: ({ tenant, data: { source, entries }, recordedAt }) =>
      entries.flatMap(({ account, application, role, usedAt }) =>
        use(
          { tenant, account, application, role: role ?? WHOLE_APPLICATION, source, used_on: dayOf(usedAt) },
          recordedAt,
        ),
      ),
    SignedIn: ({ id, tenant, data: { account, connection, groups }, recordedAt }) =>
      groups === 'unknown'
        ? [put(unknownGroupsTable, { event_id: id, tenant, account, connection, at: recordedAt })]
        : [],
  },
});

/** The day in UTC: an instant is ISO-8601 UTC. */
const dayOf = (instant: string): string => instant.slice(0, 'yyyy-mm-dd'.length);

function use(row: UseRow, toldAt: string): RowChange[] {
  const { tenant, application, role, source } = row;
  return [put(usesTable, row), put(useSourcesTable, { tenant, application, role, source, told_on: dayOf(toldAt) })];
}
