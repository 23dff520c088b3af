import type { AccountAsOf } from '#libs/read-model';
import { fitting } from '../events/fitting.js';
import type { Holdings } from './account-holdings.js';
import type { CellOf } from './row-layout.js';

/** An account of a report, with what it held. */
export interface ReportedAccount {
  readonly account: AccountAsOf;
  readonly holdings: Holdings;
  /** Position of the event with which it came into being. */
  readonly position: number;
  readonly provisionedAt: Date;
}

/** Columns that say who an account is. */
export const WHO_CELLS: readonly CellOf<ReportedAccount>[] = [
  { name: 'account', type: 'text', means: 'Id of the account.', of: ({ account }) => account.account },
  {
    name: 'userName',
    type: 'text',
    means: 'User name at the instant asked about.',
    personal: true,
    of: ({ account }) => account.userName,
  },
  {
    name: 'displayName',
    type: 'text',
    means: 'Name as shown to people; empty where none is known.',
    personal: true,
    of: ({ account }) => account.displayName,
  },
  {
    name: 'employeeType',
    type: 'text',
    means: 'Kind of employment, as the source says it; empty where it does not.',
    personal: true,
    of: ({ account }) => account.employeeType,
  },
  {
    name: 'department',
    type: 'text',
    means: 'Department, as the source says it; empty where it does not.',
    personal: true,
    of: ({ account }) => account.department,
  },
  {
    name: 'manager',
    type: 'text',
    means: 'Who the source says is the manager, as it names them; empty where it does not.',
    personal: true,
    of: ({ account }) => account.manager,
  },
  {
    name: 'kind',
    type: 'text',
    means: 'What the account is: person, external, service or breakGlass.',
    of: ({ account }) => account.kind,
  },
  {
    name: 'directory',
    type: 'text',
    means: 'The directory in which the account lives.',
    of: ({ account }) => account.directory,
  },
  {
    name: 'provisionedAt',
    type: 'instant',
    means: 'When the account came into being.',
    of: ({ provisionedAt }) => provisionedAt.toISOString(),
  },
];

/** Columns that say what an account holds, and where its story begins. */
export const HOLDING_CELLS: readonly CellOf<ReportedAccount>[] = [
  {
    name: 'roles',
    type: 'list',
    means: 'Roles that the account held at the instant asked about, each once, in alphabetical order.',
    of: ({ holdings }) => fitting(holdings.roles),
  },
  {
    name: 'privileged',
    type: 'boolean',
    means: 'Whether one of these roles was privileged.',
    of: ({ holdings }) => holdings.privileged,
  },
  {
    name: 'position',
    type: 'integer',
    means: 'Position in the log of the event with which the account came into being.',
    of: ({ position }) => position,
  },
];
