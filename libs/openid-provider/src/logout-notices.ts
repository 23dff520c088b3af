import type { Database } from '#libs/database';
import type { Clock } from '#libs/kernel';

/** Waits before the notice is tried again, in seconds; after the last one it is given up. */
const RETRY_AFTER_SECONDS = [1, 5, 30, 120, 600, 3_600] as const;

/** Notices taken up at a time. */
const NOTICES_AT_A_TIME = 20;

/** Of them for one client: one that keeps its callers waiting leaves room for the others. */
const OF_ONE_CLIENT = 3;

/** A client has yet to be told that a session has ended. */
export interface LogoutNotice {
  /** Uuid; the same notice twice is one. */
  readonly id: string;
  readonly client: string;
  readonly account: string;
  readonly sid: string | null;
}

/** Notices of sign-out on their way to applications. */
export interface LogoutNotices {
  /** Adds notices, due at once. */
  add(notices: readonly LogoutNotice[]): Promise<void>;
  /**
   * Tries notices that are due, a bounded number in all and of each client. One that fails is due again later, and given up after the last try.
   * @param tell tells the client; what it throws counts as a failure
   * @param gaveUp told of each that is given up
   */
  deliver(
    tell: (notice: LogoutNotice) => Promise<void>,
    gaveUp: (notice: LogoutNotice, error: unknown) => void,
  ): Promise<number>;
  /** Whether any is due now. */
  areDue(): Promise<boolean>;
}

type Row = LogoutNotice & { readonly attempts: number } & Record<string, unknown>;

/** Keeps them in PostgreSQL: they survive a restart. */
export function logoutNotices({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): LogoutNotices {
  const remove = (id: string) => database.query('delete from openid_provider.logout_notices where id = $1', [id]);
  const later = (id: string, seconds: number) =>
    database.query('update openid_provider.logout_notices set attempts = attempts + 1, due_at = $2 where id = $1', [
      id,
      new Date(clock.now().getTime() + seconds * 1000),
    ]);
  return {
    async add(notices) {
      await database.query(
        `insert into openid_provider.logout_notices (id, client_id, account_id, sid, attempts, due_at)
         select id, client_id, account_id, sid, 0, $5
           from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[]) as n(id, client_id, account_id, sid)
         on conflict (id) do nothing`,
        [
          notices.map(({ id }) => id),
          notices.map(({ client }) => client),
          notices.map(({ account }) => account),
          notices.map(({ sid }) => sid),
          clock.now(),
        ],
      );
    },
    async deliver(tell, gaveUp) {
      const { rows } = await database.query<Row>(
        `select id, client_id as client, account_id as account, sid, attempts
           from (select *, row_number() over (partition by client_id order by due_at, id) as nth
                   from openid_provider.logout_notices where due_at <= $1) as due
          where nth <= $3 order by due_at, id limit $2`,
        [clock.now(), NOTICES_AT_A_TIME, OF_ONE_CLIENT],
      );
      await Promise.all(
        rows.map(async ({ attempts, ...notice }) => {
          try {
            await tell(notice);
            await remove(notice.id);
          } catch (error) {
            const wait = RETRY_AFTER_SECONDS[attempts];
            if (wait !== undefined) return void (await later(notice.id, wait));
            gaveUp(notice, error);
            await remove(notice.id);
          }
        }),
      );
      return rows.length;
    },
    async areDue() {
      const { rowCount } = await database.query(
        'select from openid_provider.logout_notices where due_at <= $1 limit 1',
        [clock.now()],
      );
      return (rowCount ?? 0) > 0;
    },
  };
}
