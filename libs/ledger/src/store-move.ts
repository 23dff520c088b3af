import type { Database, Lease, Leases } from '#libs/database';
import { LEASE_RENEW_MS } from '#libs/database';
import { BEFORE_FIRST, type EventStore, type StoredEvent } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { canonicalHash } from './canonical-hash.js';
import { puller, storedEvents } from './log-walk.js';
import { movePlaces, type RememberedPlaces, rememberedPlaces } from './remembered-places.js';
import { lastSealedRow, readSealedRows, type SealedRow } from './sealed-log.queries.js';
import { sealPending } from './sealer.js';
import { InstallationRunningError, StoreNotCopiedError } from './store-move.errors.js';

/** Roles whose holders write places of the store. */
const ROLES = ['relay', 'projector'] as const;

/** Rows in one statement: a few milliseconds on the embedded database. */
const PAGE = 1_000;

/** How far a move has come. */
export interface StoreMoveProgress {
  readonly events: number;
  readonly of: number;
}

/** What to move, and where. */
export interface StoreMoveOptions {
  readonly database: Database;
  readonly leases: Leases;
  readonly clock: Clock;
  /** The store that the database works with; what is not sealed yet is sealed from it. */
  readonly from: Pick<EventStore, 'readLog' | 'readStream' | 'follow'>;
  /** Holds the same log. */
  readonly to: Pick<EventStore, 'readLog'>;
  readonly onProgress?: ((progress: StoreMoveProgress) => void) | undefined;
  /** Ends it; nothing has changed then. */
  readonly signal?: AbortSignal | undefined;
}

/** What a move came to. */
export interface StoreMoveReport {
  /** Sealed events, all of which the new store holds. */
  readonly events: number;
  /** Tables in which remembered places were changed. */
  readonly tables: readonly string[];
}

/**
 * Lets a database work with another store that holds the same log. Every sealed event is looked up there and its hash compared; where it
 * stands is written down beside the sealed log, in portions that mean nothing yet; then one short transaction makes them count and
 * changes every place that a reader remembers, so readers go on exactly where they were. Interrupted, it has changed nothing, and the
 * next run begins anew. Holds the roles of those who write such places.
 * @throws {InstallationRunningError} while a server holds one of the roles, or a reader goes on; nothing was changed
 * @throws {StoreNotCopiedError} when the new store holds another log; nothing was changed
 * @throws {SealedEventMissingError} when `from` is not the store that the database works with
 */
export async function moveToStore(options: StoreMoveOptions): Promise<StoreMoveReport> {
  return withRoles(options, async (held, signal) => {
    const { database, from, clock } = options;
    while ((await sealPending({ database, store: from, clock, lease: held })).count > 0) signal.throwIfAborted();
    const { rows } = await database.query<{ move: number }>('select move from ledger.belonging');
    const move = rows[0]?.move as number;
    await forgetMovesBut(database, move);
    const remembered = await rememberedPlaces(database);
    const sought = new PlacesMoved(remembered.flatMap(({ places }) => places));
    const events = await keepPlaces({ ...options, signal }, { move, held, sought });
    const moved = sought.all();
    signal.throwIfAborted();
    await database.transaction(async (client) => {
      await held.guard(client);
      for (const places of remembered) await movePlaces(client, places, moved);
      await client.query('update ledger.belonging set move = $1', [move + 1]);
    });
    await forgetMovesBut(database, move + 1);
    return { events, tables: changedBy(remembered, moved) };
  });
}

type Held = Pick<Lease, 'guard'>;

/** Takes the roles at once or not at all, and keeps them until the work ends. */
async function withRoles<T>(
  { leases, signal }: StoreMoveOptions,
  work: (held: Held, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const leasesHeld: Lease[] = [];
  const lost = new AbortController();
  const renewal = setInterval(() => {
    for (const lease of leasesHeld)
      void lease.renew().then(
        (held) => held || lost.abort(new InstallationRunningError(`another process took the role ${lease.role}`)),
        () => undefined, // the guard in each transaction is what decides
      );
  }, LEASE_RENEW_MS);
  try {
    for (const role of ROLES) {
      const lease = await leases.acquire(role);
      if (!lease) throw new InstallationRunningError(`one plays the role ${role}`);
      leasesHeld.push(lease);
    }
    const held: Held = {
      guard: async (client) => {
        for (const lease of leasesHeld) await lease.guard(client);
      },
    };
    return await work(held, AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]));
  } finally {
    clearInterval(renewal);
    for (const lease of leasesHeld) await lease.release().catch(() => undefined); // it runs out by itself
  }
}

/** Compares the new store with the sealed log, event by event, and keeps where each event stands there. */
async function keepPlaces(
  { database, to, onProgress, signal }: StoreMoveOptions,
  { move, held, sought }: { readonly move: number; readonly held: Held; readonly sought: PlacesMoved },
): Promise<number> {
  const of = ((await lastSealedRow(database))?.position ?? -1) + 1;
  const next = puller(storedEvents(to));
  for (let at = -1; at < of - 1; ) {
    signal?.throwIfAborted();
    const rows = await readSealedRows(database, at, PAGE);
    const differing: [number, number][] = [];
    for (const row of rows) {
      const event = await next();
      if (!isSealedAs(event, row)) throw new StoreNotCopiedError(row.position);
      sought.pass(row.storePosition, event.storePosition);
      // after an earlier move a row may count that has to count no longer
      if (move > 0 || event.storePosition !== row.storePosition) differing.push([row.position, event.storePosition]);
    }
    await insertPlaces(database, held, move + 1, differing);
    at = (rows.at(-1) as SealedRow).position;
    onProgress?.({ events: at + 1, of });
  }
  if ((await next()) !== null) throw new StoreNotCopiedError(of);
  return of;
}

function isSealedAs(event: StoredEvent | null, row: SealedRow): event is StoredEvent {
  return event !== null && event.id === row.eventId && canonicalHash(event).toString('hex') === row.hash;
}

async function insertPlaces(
  database: Database,
  held: Held,
  move: number,
  places: readonly [position: number, storePosition: number][],
): Promise<void> {
  if (places.length === 0) return;
  await database.transaction(async (client) => {
    await held.guard(client);
    await client.query(
      `insert into ledger.moved_positions (move, position, store_position)
       select $1, * from unnest($2::bigint[], $3::bigint[])`,
      [move, places.map(([position]) => position), places.map(([, storePosition]) => storePosition)],
    );
  });
}

/** Takes away what an interrupted move, or the one before, has left. */
async function forgetMovesBut(database: Database, move: number): Promise<void> {
  for (let deleted = PAGE; deleted === PAGE; ) {
    const { rows } = await database.query(
      `delete from ledger.moved_positions where (move, position) in
         (select move, position from ledger.moved_positions where move <> $1 limit ${PAGE}) returning 1`,
      [move],
    );
    deleted = rows.length;
  }
}

/**
 * Follows remembered places through the log. Whoever has read up to a place has everything up to the last event at or before it; there
 * he stands in the new store.
 */
class PlacesMoved {
  readonly #ascending: readonly number[];
  readonly #moved = new Map<number, number>();
  #next = 0;
  #last = BEFORE_FIRST;

  constructor(places: readonly number[]) {
    this.#ascending = [...new Set(places)].sort((a, b) => a - b);
  }

  /** The next event of the log, where it was and where it is. */
  pass(was: number, is: number): void {
    while (this.#next < this.#ascending.length && (this.#ascending[this.#next] as number) < was) this.#settle();
    this.#last = is;
  }

  /** Each place and what it has become, once the whole log has passed. */
  all(): ReadonlyMap<number, number> {
    while (this.#next < this.#ascending.length) this.#settle();
    return this.#moved;
  }

  #settle(): void {
    this.#moved.set(this.#ascending[this.#next] as number, this.#last);
    this.#next += 1;
  }
}

function changedBy(remembered: readonly RememberedPlaces[], moved: ReadonlyMap<number, number>): string[] {
  return remembered
    .filter(({ places }) => places.some((place) => moved.get(place) !== place))
    .map(({ table }) => table);
}
