import { randomUUID } from 'node:crypto';
import { LeaseLostError } from './database.errors.js';
import type { Queryable } from './database.js';

/**
 * A lease that is not renewed is free after this long, milliseconds, by the clock of the database. Whoever waits asks twice a second and
 * then needs a moment to begin, so a role whose holder died is played again within 10 seconds.
 */
export const LEASE_TTL_MS = 7_000;

/** One row per role. The row stays when the role is free, so that epochs only ever rise. */
export const leaseTable = `
create table database.leases(
  role text primary key,
  holder text not null,
  epoch bigint not null,
  expires_at timestamptz not null)`;

const ACQUIRE = `
  insert into database.leases as held (role, holder, epoch, expires_at)
  values ($1, $2, 1, clock_timestamp() + $3 * interval '1 ms')
  on conflict (role) do update
    set holder = excluded.holder, epoch = held.epoch + 1, expires_at = clock_timestamp() + $3 * interval '1 ms'
    where held.expires_at <= clock_timestamp()
  returning epoch`;

const RENEW = `
  update database.leases set expires_at = clock_timestamp() + $3 * interval '1 ms'
  where role = $1 and epoch = $2 returning epoch`;

const RELEASE = `update database.leases set epoch = epoch + 1, expires_at = '-infinity' where role = $1 and epoch = $2`;

const GUARD = { name: 'lease_guard', text: 'select 1 from database.leases where role = $1 and epoch = $2 for share' };

const EXPIRE_ALL = `update database.leases set epoch = epoch + 1, expires_at = '-infinity'`;

/** An exclusive role, held for now. */
export interface Lease {
  readonly role: string;
  /** Rises with every new holder. */
  readonly epoch: number;
  /**
   * Call it in every transaction that the role protects, before anything is written: until that transaction ends nobody can take the role
   * over, and when somebody has, it refuses.
   * @throws {LeaseLostError} when the role has another holder, or was released
   */
  guard(client: Queryable): Promise<void>;
  /** Holds on for another `LEASE_TTL_MS`. False when the role has another holder. */
  renew(): Promise<boolean>;
  /** Frees the role at once. Changes nothing when it is already lost. */
  release(): Promise<void>;
}

/** Exclusive roles among all processes on one database. */
export interface Leases {
  /** Takes the role if it is free or its lease has run out; null otherwise. Never waits for the holder. */
  acquire(role: string): Promise<Lease | null>;
}

/**
 * Exclusive roles as rows of `database.leases`. A holder that froze and comes back is harmless, because its epoch is checked in its own
 * transactions; the clock is the database's, so clocks of machines may differ.
 * @param ttlMs for tests; `LEASE_TTL_MS` otherwise
 */
export function leases(database: Queryable, ttlMs: number = LEASE_TTL_MS): Leases {
  const holder = `${process.pid}/${randomUUID()}`;
  return {
    acquire: async (role) => {
      const { rows } = await database.query<{ epoch: number }>(ACQUIRE, [role, holder, ttlMs]);
      return rows[0] ? lease(database, role, rows[0].epoch, ttlMs) : null;
    },
  };
}

function lease(database: Queryable, role: string, epoch: number, ttlMs: number): Lease {
  return {
    role,
    epoch,
    guard: async (client) => {
      const { rows } = await client.query({ ...GUARD, values: [role, epoch] });
      if (rows.length === 0) throw new LeaseLostError(role, epoch);
    },
    renew: async () => (await database.query(RENEW, [role, epoch, ttlMs])).rows.length > 0,
    release: async () => void (await database.query(RELEASE, [role, epoch])),
  };
}

/** Frees every role. Only right where it is proved that no other process has the database open. */
export async function expireLeases(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ present: boolean }>(
    `select to_regclass('database.leases') is not null as present`,
  );
  if (rows[0]?.present) await database.query(EXPIRE_ALL);
}
