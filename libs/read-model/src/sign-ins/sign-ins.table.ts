import { type Table, table } from '../projecting/table.js';

/** A sign-in that was admitted, at first. */
export interface SignInRow {
  /** Id of the `SignedIn` event. */
  readonly event_id: string;
  readonly tenant: string;
  readonly account: string;
  readonly connection: string;
  readonly at: string;
}

/** Sign-ins, for when somebody last signed in; those that were taken back are in `signInWithdrawalsTable`. */
export const signInsTable: Table<SignInRow> = table<SignInRow>('sign_ins_v1', 'keyed', ['event_id'], {
  event_id: true,
  tenant: true,
  account: true,
  connection: true,
  at: true,
});

/** Sign-ins of accounts, with those that were taken back marked. */
export const SIGN_INS_SQL = `
create table read_model.sign_ins_v1 (
  event_id uuid primary key,
  tenant text not null,
  account uuid not null,
  connection text not null,
  at timestamptz not null,
  refused boolean not null,
  position bigint not null
);
create index sign_ins_v1_latest on read_model.sign_ins_v1 (tenant, account, at) where not refused;
`;
