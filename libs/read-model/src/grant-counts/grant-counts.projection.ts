import { projection } from '../projecting/projection.js';
import { put, type RowChange } from '../projecting/table.js';
import { type GrantCountRow, grantCountsTable } from './grant-counts.table.js';

/** How many grants every event gave and ended, by role: the tally against which lists of grants are reconciled. */
export const grantCounts = projection('grant-counts', 1, {
  sight: 'facts',
  tables: [grantCountsTable],
  categories: ['account'],
  ignores: [
    'UserProvisioned',
    'IdentityLinked',
    'IdentityUnlinked',
    'ProfileUpdated',
    'RoleWithheld',
    'RoleWithholdingLifted',
    'UserDeactivated',
    'UserReactivated',
    'GrantsConfirmed',
    'AccountMerged',
    'AccountAbsorbed',
    'GrantsReduced',
    'SodConflictPrevented',
  ],
  on: {
    RolesAssigned: (event) => byRole(event, (given) => ({ given, ended: 0 })),
    AccessRevoked: (event) => byRole(event, (ended) => ({ given: 0, ended })),
  },
});

interface AboutGrants {
  readonly tenant: string;
  readonly position: number;
  readonly recordedAt: string;
  readonly data: { readonly account: string; readonly grants: readonly { readonly role: string }[] };
}

function byRole(
  { tenant, position, recordedAt, data }: AboutGrants,
  counted: (grants: number) => Pick<GrantCountRow, 'given' | 'ended'>,
): RowChange[] {
  const roles = Map.groupBy(data.grants, ({ role }) => role);
  return [...roles].map(([role, { length }]) =>
    put(grantCountsTable, {
      tenant,
      position,
      role,
      account: data.account,
      recorded_at: recordedAt,
      ...counted(length),
    }),
  );
}
