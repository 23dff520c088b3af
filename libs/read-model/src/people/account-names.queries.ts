import type { Queryable } from '#libs/database';

/** Who an account is, in a few words. All of it is personal data. */
export interface AccountName {
  readonly account: string;
  readonly userName: string;
  readonly displayName: string | null;
  readonly title: string | null;
  readonly department: string | null;
}

/** Who accounts of a tenant are, by account; unknown ones are left out. @param query.accounts at most 5,000 */
export async function accountNames(
  database: Queryable,
  { tenant, accounts }: { readonly tenant: string; readonly accounts: readonly string[] },
): Promise<ReadonlyMap<string, AccountName>> {
  const { rows } = await database.query<AccountName>({
    name: 'read_model.account_names',
    text: `select account, user_name as "userName", display_name as "displayName", title, department from read_model.accounts_v1
           where tenant = $1 and account = any($2::uuid[])`,
    values: [tenant, accounts],
  });
  return new Map(rows.map((name) => [name.account, name]));
}
