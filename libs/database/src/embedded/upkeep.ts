import type { DatabaseLog, Queryable } from '../database.js';
import { reasonOf } from '../reason-of.js';

/** How often the upkeep looks, milliseconds. */
export const UPKEEP_TICK_MS = 5_000;
/** Longest time between checkpoints while something is written, milliseconds. */
const CHECKPOINT_EVERY_MS = 300_000;
/** A checkpoint is due after this much write-ahead log, bytes: it bounds both the disk and the recovery after a crash (about 1 s). */
const CHECKPOINT_WAL_BYTES = 32 * 1024 * 1024;

/**
 * Tables that PostgreSQL's autovacuum would look after now, by its own default thresholds, and those whose transaction ids grow old.
 * @see https://www.postgresql.org/docs/current/runtime-config-autovacuum.html
 */
const TABLES_DUE = `
  select format('%I.%I', n.nspname, c.relname) as name, age(c.relfrozenxid) > 100000000 as freeze,
         s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
           or s.n_ins_since_vacuum > 1000 + 0.2 * greatest(c.reltuples, 0) as vacuum
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_stat_all_tables s on s.relid = c.oid
  where c.relkind in ('r', 'm') and (
    age(c.relfrozenxid) > 100000000
    or s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
    or s.n_ins_since_vacuum > 1000 + 0.2 * greatest(c.reltuples, 0)
    or s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0))
  limit 100`;

/** How far the write-ahead log has come. The flush makes the counters of tables, which PostgreSQL publishes once a second, true for the next statement. */
const WAL_POSITION = `
  select lsn::text, pg_wal_lsn_diff(lsn, coalesce($1::pg_lsn, lsn))::bigint as bytes, pg_stat_force_next_flush()::text
  from pg_current_wal_insert_lsn() lsn`;

/** Upkeep of a database; each run does what is due. */
export interface Upkeep {
  run(): Promise<void>;
}

/**
 * The embedded PostgreSQL runs without background processes, so the process does their work: checkpoints, vacuum, statistics.
 * Each step is a statement of its own, so that others get their turn in between.
 * @param now monotonic milliseconds
 */
export function upkeep(database: Queryable, now: () => number): Upkeep {
  let at = now();
  let walAt: string | undefined;
  return {
    run: async () => {
      const { lsn, bytes } = await walPosition(database, walAt);
      walAt ??= lsn;
      if (bytes > CHECKPOINT_WAL_BYTES || (bytes > 0 && now() - at >= CHECKPOINT_EVERY_MS)) {
        await database.query('checkpoint');
        at = now();
        walAt = (await walPosition(database, undefined)).lsn;
      }
      await tendTables(database);
    },
  };
}

/** Runs the upkeep until stopped. A failure is reported and tried again at the next tick. */
export function startUpkeep(database: Queryable, log: DatabaseLog): { stop(): Promise<void> } {
  const { run } = upkeep(database, () => performance.now());
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const tick = () => {
    running = run()
      .catch((error: unknown) => log.warn(`Upkeep of the embedded database failed: ${reasonOf(error)}`))
      .then(schedule);
  };
  const schedule = () => {
    timer = setTimeout(tick, UPKEEP_TICK_MS).unref();
  };
  schedule();
  return {
    stop: async () => {
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
  };
}

async function walPosition(database: Queryable, since: string | undefined): Promise<{ lsn: string; bytes: number }> {
  const { rows } = await database.query<{ lsn: string; bytes: number }>(WAL_POSITION, [since]);
  return rows[0] as { lsn: string; bytes: number };
}

async function tendTables(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ name: string; freeze: boolean; vacuum: boolean }>(TABLES_DUE);
  for (const { name, freeze, vacuum } of rows) {
    await database.query(freeze || vacuum ? `vacuum (${freeze ? 'freeze, ' : ''}analyze) ${name}` : `analyze ${name}`);
  }
}
