import type { Database } from '#libs/database';

/** The last sign-in of an account through a connection. */
export interface LastSignIn {
  readonly account: string;
  /** Id of the sign-in's stream. */
  readonly signIn: string;
}

/** The last sign-in of everybody who came through a connection, by account, page by page. Catch up on standing grants first. */
export async function lastSignInsThrough(
  database: Pick<Database, 'query'>,
  query: {
    readonly tenant: string;
    readonly connection: string;
    /** Account, exclusive; null: from the first. */
    readonly after: string | null;
    /** 1–500. */
    readonly limit: number;
  },
): Promise<readonly LastSignIn[]> {
  const { rows } = await database.query<{ account: string; sign_in: string }>(
    `select account, sign_in from provisioning.last_sign_ins
      where tenant = $1 and connection = $2 and ($3::uuid is null or account > $3) order by account limit $4`,
    [query.tenant, query.connection, query.after, query.limit],
  );
  return rows.map(({ account, sign_in: signIn }) => ({ account, signIn }));
}
