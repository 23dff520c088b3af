import type { Profile } from '#libs/contracts';
import { profileColumns } from '../accounts/profile-columns.js';
import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type AccountHistoryRow, accountHistoryTable } from './account-history.table.js';

interface AboutAccount {
  readonly tenant: string;
  readonly recordedAt: string;
  readonly data: { readonly account: string };
}

const from = ({ tenant, recordedAt, data }: AboutAccount, what: Partial<AccountHistoryRow>) => [
  patch(accountHistoryTable, { tenant, account: data.account }, () => ({ ...what, valid_from: recordedAt })),
];

/** Attributes of a profile that are kept here: a change of others makes no row. */
const KEPT: ReadonlySet<string> = new Set([
  'userName',
  'displayName',
  'email',
  'employeeNumber',
  'employeeType',
  'title',
  'department',
  'manager',
] satisfies (keyof Profile)[]);

/**
 * From when to when an account counted, and what was known of its person then: what every answer about a day in the past needs besides
 * grants. Version 2 has the profile.
 */
export const accountHistory = projection('account-history', 2, {
  sight: 'personal',
  tables: [accountHistoryTable],
  categories: ['account'],
  ignores: [
    'IdentityLinked',
    'IdentityUnlinked',
    'RolesAssigned',
    'AccessRevoked',
    'RoleWithheld',
    'RoleWithholdingLifted',
    'GrantsConfirmed',
    'AccountMerged',
    'AccountAbsorbed',
    'GrantsReduced',
    'SodConflictPrevented',
  ],
  on: {
    UserProvisioned: ({ tenant, recordedAt, data, position }) => [
      put(accountHistoryTable, {
        tenant,
        account: data.account,
        directory: data.directory,
        kind: data.kind,
        sponsor: data.sponsor,
        status: 'active',
        expires_at: data.expiresAt,
        ...profileIn(data.profile),
        source_connection: data.source.connection,
        provisioned_pos: position,
        valid_from: recordedAt,
      }),
    ],
    ProfileUpdated: (event) =>
      event.data.changed.some((name) => KEPT.has(name)) ? from(event, profileIn(event.data.profile)) : [],
    UserDeactivated: (event) => from(event, { status: 'deactivated' }),
    UserReactivated: (event) => from(event, { status: 'active' }),
  },
});

function profileIn(profile: Profile | string) {
  const { user_name, display_name, email, employee_number, employee_type, title, department, manager } =
    profileColumns(profile);
  return { user_name, display_name, email, employee_number, employee_type, title, department, manager };
}
