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

/** From when to when an account counted, and its name then: what every answer about a day in the past needs besides grants. */
export const accountHistory = projection('account-history', 1, {
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
    UserProvisioned: ({ tenant, recordedAt, data }) => [
      put(accountHistoryTable, {
        tenant,
        account: data.account,
        status: 'active',
        expires_at: data.expiresAt,
        user_name: nameIn(data.profile),
        valid_from: recordedAt,
      }),
    ],
    ProfileUpdated: (event) =>
      event.data.changed.includes('userName') ? from(event, { user_name: nameIn(event.data.profile) }) : [],
    UserDeactivated: (event) => from(event, { status: 'deactivated' }),
    UserReactivated: (event) => from(event, { status: 'active' }),
  },
});

/** An erased person's profile reads as one text. */
const nameIn = (profile: { readonly userName: string } | string): string =>
  typeof profile === 'string' ? profile : profile.userName;
