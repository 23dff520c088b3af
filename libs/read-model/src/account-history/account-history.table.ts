import { type Table, table } from '../projecting/table.js';

/** What holds for an account from an instant on, until a later row says otherwise. */
export interface AccountHistoryRow {
  readonly tenant: string;
  readonly account: string;
  readonly status: string;
  /** Exclusive end of every status; null for none. */
  readonly expires_at: string | null;
  readonly user_name: string;
  readonly valid_from: string;
}

/**
 * What an account was called and whether it counted, bitemporal: at an instant D as known at position K, the row with the highest
 * `from_pos` ≤ K among those with `valid_from` ≤ D holds. An account's facts hold from when they are recorded, so one index probe finds it.
 */
export const accountHistoryTable: Table<AccountHistoryRow> = table<AccountHistoryRow>(
  'account_history_v1',
  'versioned',
  ['tenant', 'account'],
  { tenant: true, account: true, status: true, expires_at: true, user_name: true, valid_from: true },
);

/** What an account was like, from when to when, as known from position to position. */
export const ACCOUNT_HISTORY_SQL = `
create table read_model.account_history_v1 (
  tenant text not null,
  account uuid not null,
  from_pos bigint not null,
  to_pos bigint,
  status text not null,
  expires_at timestamptz,
  user_name text not null,
  valid_from timestamptz not null,
  primary key (tenant, account, from_pos)
);
`;
