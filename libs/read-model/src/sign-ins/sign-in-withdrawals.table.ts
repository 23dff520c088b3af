import { type Table, table } from '../projecting/table.js';

/** An account turned a sign-in away that had been recorded. */
export interface SignInWithdrawalRow {
  /** Id of the `SignedIn` event. */
  readonly evidence: string;
  readonly tenant: string;
}

/**
 * Sign-ins that do not count after all. Apart from the sign-ins themselves, since the two facts are in different streams and may arrive in
 * either order.
 */
export const signInWithdrawalsTable: Table<SignInWithdrawalRow> = table<SignInWithdrawalRow>(
  'sign_in_withdrawals_v1',
  'appended',
  ['evidence'],
  { evidence: true, tenant: true },
);

/** Carries over what was marked on the sign-ins themselves before; their rows stand again where the sign-in itself does. */
export const SIGN_IN_WITHDRAWALS_SQL = `
create table read_model.sign_in_withdrawals_v1 (
  evidence uuid primary key,
  tenant text not null
);
insert into read_model.sign_in_withdrawals_v1 (evidence, tenant)
  select event_id, tenant from read_model.sign_ins_v1 where refused;
update read_model.sign_ins_v1 s set position = e.position from read_model.events_v1 e
  where s.refused and e.event_id = s.event_id;
drop index read_model.sign_ins_v1_latest;
alter table read_model.sign_ins_v1 drop column refused;
create index sign_ins_v1_latest on read_model.sign_ins_v1 (tenant, account, at);
`;
