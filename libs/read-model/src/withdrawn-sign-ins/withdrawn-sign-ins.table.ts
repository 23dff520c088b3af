import { type Table, table } from '../projecting/table.js';

/** An account turned a sign-in away that had been recorded. */
export interface WithdrawnSignInRow {
  /** Id of the `SignedIn` event. */
  readonly evidence: string;
  readonly tenant: string;
  readonly position: number;
  readonly at: string;
}

/** Sign-ins that do not count after all, and from which position on that is known: so that what was known before can still be told. */
export const withdrawnSignInsTable: Table<WithdrawnSignInRow> = table<WithdrawnSignInRow>(
  'withdrawn_sign_ins_v1',
  'appended',
  ['evidence'],
  { evidence: true, tenant: true, position: true, at: true },
);

/** Sign-ins that were taken back. */
export const WITHDRAWN_SIGN_INS_SQL = `
create table read_model.withdrawn_sign_ins_v1 (
  evidence uuid primary key,
  tenant text not null,
  position bigint not null,
  at timestamptz not null
);
`;
