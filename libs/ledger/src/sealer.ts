import { setTimeout as delay } from 'node:timers/promises';
import type { Database, Lease, Queryable } from '#libs/database';
import { BEFORE_FIRST, type EventStore, type StoredEvent } from '#libs/event-store';
import { type Clock, parseStreamName } from '#libs/kernel';
import { canonicalHash } from './canonical-hash.js';
import { sealedNudge } from './sealed-nudge.js';
import { requireSealedTail } from './sealed-tail.js';

/** Events sealed in one transaction: some 20 ms of work, well under the 100 ms that a transaction may last. */
export const SEAL_BATCH = 500;

/**
 * Pause after a batch that is not full, in milliseconds: what is appended meanwhile is sealed together, in one transaction and, behind it,
 * one of the projector. The first event after a quiet time does not wait, nor does a sealer that is behind.
 */
const TOGETHER_MS = 25;

/** What sealing needs. */
export interface Sealing {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly store: Pick<EventStore, 'readLog' | 'readStream' | 'follow'>;
  /** The role that makes this process the only sealer; checked inside the transaction. */
  readonly lease: Pick<Lease, 'guard'>;
  readonly clock: Clock;
}

/** What one batch came to. */
export interface Sealed {
  /** 0 when the log was sealed to its end. */
  readonly count: number;
  /** Position of the last sealed event, -1 when there is none. */
  readonly sealedThrough: number;
}

/**
 * Seals the next events of the store: gives them their positions, dense over all and per tenant, and keeps their hashes; at most 500,
 * all or none. What is already sealed is the only memory, so a new sealer goes on where the last row stands, and one that died in
 * the middle has done nothing. Two sealers at once cannot both commit: the lease's epoch forbids it, and behind it the unique keys.
 * @throws {LeaseLostError} when another process took the role over; nothing was sealed
 * @throws {SealedEventMissingError} when the store no longer has the event that was sealed last; nothing was sealed
 */
export async function sealPending(sealing: Sealing): Promise<Sealed> {
  const last = await requireSealedTail(sealing);
  const { events } = await sealing.store.readLog({ after: last?.storePosition ?? BEFORE_FIRST, limit: SEAL_BATCH });
  if (events.length === 0) return { count: 0, sealedThrough: last?.position ?? -1 };
  return sealEvents(sealing, events);
}

/**
 * Seals what is there and then whatever is appended, until the signal is aborted; says after each batch how far it came.
 * @throws what `sealPending` throws; start again from the beginning then
 */
export async function* keepSealing(sealing: Sealing, signal: AbortSignal): AsyncIterable<Sealed> {
  const last = await requireSealedTail(sealing);
  const pages = sealing.store.follow({ after: last?.storePosition ?? BEFORE_FIRST, limit: SEAL_BATCH }, signal);
  for await (const { events } of pages) {
    yield await sealEvents(sealing, events);
    if (events.length < SEAL_BATCH) await delay(TOGETHER_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function sealEvents({ database, lease, clock }: Sealing, events: readonly StoredEvent[]): Promise<Sealed> {
  const hashes = events.map(canonicalHash);
  const sealedAt = clock.now().toISOString();
  const sealedThrough = await database.transaction(async (client) => {
    await lease.guard(client);
    return insertRows(client, sealedAt, events, hashes);
  });
  sealedNudge(database).wake();
  return { count: events.length, sealedThrough };
}

/**
 * Positions go on from the last row, and from the last row of each tenant. `sealed_at` never runs backwards, although the next sealer
 * may have another clock (times in this form compare as text; collation "C" makes that so everywhere).
 */
async function insertRows(
  client: Queryable,
  sealedAt: string,
  events: readonly StoredEvent[],
  hashes: readonly Buffer[],
): Promise<number> {
  const { rows } = await client.query<{ position: number }>({
    name: 'ledger.seal',
    text: `with batch as (
             select * from unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::int[], $7::text[]) with ordinality
               u(tenant, store_position, event_id, stream, revision, hash, number)
           ), tenants as (
             select t.tenant, coalesce((select l.tenant_position from ledger.sealed_log l where l.tenant = t.tenant
               order by l.tenant_position desc limit 1), -1) as last
             from (select distinct tenant from batch) t
           ), before as (
             select coalesce(max(position), -1) as position,
               greatest($1 collate "C", (select sealed_at collate "C" from ledger.sealed_log order by position desc limit 1)) as at
             from ledger.sealed_log
           ), sealed as (
             insert into ledger.sealed_log
               (position, tenant, tenant_position, store_position, event_id, stream, revision, sealed_at, hash)
             select f.position + b.number, b.tenant, t.last + row_number() over (partition by b.tenant order by b.number),
               b.store_position, b.event_id, b.stream, b.revision, f.at, decode(b.hash, 'hex')
             from batch b join tenants t using (tenant) cross join before f
             returning position
           )
           select max(position) as position from sealed`,
    values: [
      sealedAt,
      events.map(({ stream }) => parseStreamName(stream).tenant),
      events.map(({ storePosition }) => storePosition),
      events.map(({ id }) => id),
      events.map(({ stream }) => stream),
      events.map(({ revision }) => revision),
      hashes.map((hash) => hash.toString('hex')),
    ],
  });
  return Number(rows[0]?.position);
}
