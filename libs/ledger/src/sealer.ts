import type { Database, Lease, Queryable } from '#libs/database';
import { BEFORE_FIRST, type EventStore, type StoredEvent } from '#libs/event-store';
import { type Clock, parseStreamName } from '#libs/kernel';
import { canonicalHash } from './canonical-hash.js';
import { lastSealedRow, type SealedRow } from './sealed-log.queries.js';

/** Events sealed in one transaction: some 30 ms of work, well under the 100 ms that a transaction may last. */
export const SEAL_BATCH = 500;

/** What sealing needs. */
export interface Sealing {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly store: Pick<EventStore, 'readLog'>;
  /** The role that makes this process the only sealer; checked inside the transaction. */
  readonly lease: Pick<Lease, 'guard'>;
  readonly clock: Clock;
}

/** What one call sealed. */
export interface Sealed {
  /** 0 when the log was sealed to its end. */
  readonly count: number;
  /** Position of the last sealed event, -1 when there is none. */
  readonly sealedThrough: number;
}

/**
 * Seals the next events of the store: gives them their positions, dense over all and per tenant, and keeps their hashes; at most 500,
 * all or none. What is already sealed is the only memory, so a new sealer goes on where the last row stands, and one that died in
 * the middle has done nothing. Two sealers at once cannot both commit: the lease's epoch and the primary key forbid it.
 * @throws {LeaseLostError} when another process took the role over; nothing was sealed
 */
export async function sealPending({ database, store, lease, clock }: Sealing): Promise<Sealed> {
  const last = await lastSealedRow(database);
  const { events } = await store.readLog({ after: last?.storePosition ?? BEFORE_FIRST, limit: SEAL_BATCH });
  const sealedThrough = last?.position ?? -1;
  if (events.length === 0) return { count: 0, sealedThrough };

  const hashes = events.map(canonicalHash);
  const sealedAt = laterOf(clock.now().toISOString(), last);
  await database.transaction(async (client) => {
    await lease.guard(client);
    await insertRows(client, sealedThrough + 1, sealedAt, events, hashes);
  });
  return { count: events.length, sealedThrough: sealedThrough + events.length };
}

/** A second sealer may have another clock; the log's own time never runs backwards. */
function laterOf(now: string, last: SealedRow | null): string {
  return last && last.sealedAt > now ? last.sealedAt : now;
}

async function insertRows(
  client: Queryable,
  first: number,
  sealedAt: string,
  events: readonly StoredEvent[],
  hashes: readonly Buffer[],
): Promise<void> {
  await client.query({
    name: 'ledger.seal',
    text: `with batch as (
             select * from unnest($3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::int[], $8::text[]) with ordinality
               u(tenant, store_position, event_id, stream, revision, hash, number)
           ), ends as (
             select t.tenant, coalesce((select l.tenant_position from ledger.sealed_log l where l.tenant = t.tenant
               order by l.tenant_position desc limit 1), -1) as last
             from (select distinct tenant from batch) t
           )
           insert into ledger.sealed_log
             (position, tenant, tenant_position, store_position, event_id, stream, revision, sealed_at, hash)
           select $1::bigint + b.number - 1, b.tenant, e.last + row_number() over (partition by b.tenant order by b.number),
             b.store_position, b.event_id, b.stream, b.revision, $2, decode(b.hash, 'hex')
           from batch b join ends e using (tenant)`,
    values: [
      first,
      sealedAt,
      events.map(({ stream }) => parseStreamName(stream).tenant),
      events.map(({ storePosition }) => storePosition),
      events.map(({ id }) => id),
      events.map(({ stream }) => stream),
      events.map(({ revision }) => revision),
      hashes.map((hash) => hash.toString('hex')),
    ],
  });
}
