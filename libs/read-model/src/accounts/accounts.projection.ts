import type { AccountAbsorbed } from '#libs/contracts';
import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type AccountRow, accountsTable } from './accounts.table.js';
import { profileColumns } from './profile-columns.js';

interface AboutAccount {
  readonly tenant: string;
  readonly data: { readonly account: string };
}

const changeAccount = ({ tenant, data }: AboutAccount, patchOf: (row: AccountRow) => Partial<AccountRow>) => [
  patch(accountsTable, { tenant, account: data.account }, patchOf),
];

/** Every account as it stands: who it is, whether it is active, how it may be signed in to. What it holds is in `grants`. */
export const accounts = projection('accounts', 1, {
  sight: 'personal',
  tables: [accountsTable],
  categories: ['account'],
  ignores: [
    'RolesAssigned',
    'AccessRevoked',
    'RoleWithheld',
    'RoleWithholdingLifted',
    'GrantsConfirmed',
    'GrantsReduced',
    'SodConflictPrevented',
  ],
  on: {
    UserProvisioned: ({ tenant, data, recordedAt, position }) => [
      put(accountsTable, {
        tenant,
        account: data.account,
        directory: data.directory,
        kind: data.kind,
        status: 'active',
        sponsor: data.sponsor,
        expires_at: data.expiresAt,
        ...profileColumns(data.profile),
        links: data.links.map(({ connection, subject }) => ({ connection, subject, position })),
        source_connection: data.source.connection,
        source_protocol: data.source.protocol,
        provisioned_at: recordedAt,
        provisioned_pos: position,
      }),
    ],
    ProfileUpdated: (event) => changeAccount(event, () => profileColumns(event.data.profile)),
    IdentityLinked: (event) =>
      changeAccount(event, ({ links }) => ({
        links: [...links, { connection: event.data.connection, subject: event.data.subject, position: event.position }],
      })),
    IdentityUnlinked: ({ data, ...event }) =>
      changeAccount({ ...event, data }, ({ links }) => ({
        links: links.filter(({ connection, subject }) => connection !== data.connection || subject !== data.subject),
      })),
    AccountAbsorbed: (event) =>
      changeAccount(event, ({ links }) => ({ links: [...links, ...freshLinks(links, event)] })),
    AccountMerged: (event) => changeAccount(event, () => ({ links: [] })),
    UserDeactivated: (event) => changeAccount(event, () => ({ status: 'deactivated' })),
    UserReactivated: (event) => changeAccount(event, () => ({ status: 'active' })),
  },
});

/** What an account takes over from another one, and was not linked to before. */
function freshLinks(
  links: AccountRow['links'],
  { data, position }: { readonly data: AccountAbsorbed['data']; readonly position: number },
): AccountRow['links'] {
  const known = new Set(links.map(({ connection, subject }) => JSON.stringify([connection, subject])));
  return data.links
    .filter(({ connection, subject }) => !known.has(JSON.stringify([connection, subject])))
    .map(({ connection, subject }) => ({ connection, subject, position }));
}
