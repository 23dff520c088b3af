import type { Queryable } from '#libs/database';
import type { RecordedEvent } from '#libs/kernel';

/** One account of one tenant. */
export interface AccountRef {
  readonly tenant: string;
  readonly account: string;
}

/** From which revision of an account on sessions are valid. */
export interface AccountEpoch extends AccountRef {
  readonly revision: number;
}

/** Events that take something from an account: every session that began before them ends. */
const REDUCING: ReadonlySet<string> = new Set([
  'AccessRevoked',
  'UserDeactivated',
  'IdentityUnlinked',
  'AccountMerged',
]);

/** Whether an event of this type ends the sessions that began before it. */
export const endsSessions = (type: string): boolean => REDUCING.has(type);

/**
 * Makes revocation take effect at once. A session carries its account's revision at the time it began, and is valid only while that is not
 * below the account's epoch. The sign-in that caused a revocation begins its session after it, so that session alone goes on.
 */
export interface AccessEpochs {
  /** Raises an account's epoch; a lower or equal revision changes nothing, so order and repetition do not matter. */
  raise(epoch: AccountEpoch): Promise<void>;
  /** Raises the epoch to the last of these events of one account that took something away, if there is one. Call it before answering. */
  raiseIfReduced(ref: AccountRef, events: readonly RecordedEvent[]): Promise<void>;
  /** An account's epoch, −1 when nothing was ever taken from it. */
  current(ref: AccountRef): Promise<number>;
}

/** Keeps access epochs in PostgreSQL. */
export function accessEpochs(database: Queryable): AccessEpochs {
  const raise = (epoch: AccountEpoch) => raiseEpochs(database, [epoch]);
  return {
    raise,
    async raiseIfReduced(ref, events) {
      const last = events.findLast(({ type }) => endsSessions(type));
      if (last) await raise({ ...ref, revision: last.revision });
    },
    async current({ tenant, account }) {
      const { rows } = await database.query<{ revision: number }>(
        'select revision from identity.access_epochs where tenant = $1 and account_id = $2',
        [tenant, account],
      );
      return rows[0]?.revision ?? -1;
    },
  };
}

/** Raises many epochs in one statement. */
export async function raiseEpochs(database: Queryable, epochs: readonly AccountEpoch[]): Promise<void> {
  await database.query(
    `insert into identity.access_epochs as e (tenant, account_id, revision)
     select tenant, account_id, max(revision) from unnest($1::text[], $2::uuid[], $3::int[]) as w(tenant, account_id, revision)
      group by tenant, account_id order by tenant, account_id
     on conflict (tenant, account_id) do update set revision = excluded.revision where e.revision < excluded.revision`,
    [epochs.map(({ tenant }) => tenant), epochs.map(({ account }) => account), epochs.map(({ revision }) => revision)],
  );
}
