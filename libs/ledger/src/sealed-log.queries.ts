import type { Queryable } from '#libs/database';

/** One line of the sealed log: which event stands where, and its hash. */
export interface SealedRow {
  readonly position: number;
  readonly tenant: string;
  readonly tenantPosition: number;
  /** Place of the event in the store that the database works with now. */
  readonly storePosition: number;
  readonly eventId: string;
  readonly stream: string;
  readonly revision: number;
  readonly sealedAt: string;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Most rows that one read answers. */
export const MAX_SEALED_PAGE = 5_000;

/** A sub-select rather than a join: its plan stays one look-up per row, whatever was known of the table when it was planned. */
const COLUMNS = `position, tenant, tenant_position as "tenantPosition", event_id as "eventId", stream, revision,
  sealed_at as "sealedAt", encode(hash, 'hex') as hash,
  coalesce((select m.store_position from ledger.moved_positions m
            where m.move = (select b.move from ledger.belonging b) and m.position = l.position), store_position) as "storePosition"`;

/**
 * Reads the sealed log in order.
 * @param after position, exclusive; -1 starts at the beginning
 * @param limit 1–5,000 rows
 */
export async function readSealedRows(database: Queryable, after: number, limit: number): Promise<readonly SealedRow[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_SEALED_PAGE) {
    throw new RangeError(`A page has 1 to ${MAX_SEALED_PAGE} rows, not ${limit}.`);
  }
  const { rows } = await database.query<SealedRow>({
    name: 'ledger.rows',
    text: `select ${COLUMNS} from ledger.sealed_log l where position > $1 order by position limit $2`,
    values: [after, limit],
  });
  return rows;
}

/**
 * Looks up lines of the sealed log; positions that are not in it are left out.
 * @param positions in any order, at most 5,000
 * @returns in order
 */
export async function sealedRowsAt(database: Queryable, positions: readonly number[]): Promise<readonly SealedRow[]> {
  if (positions.length > MAX_SEALED_PAGE)
    throw new RangeError(`At most ${MAX_SEALED_PAGE} rows are looked up at once, not ${positions.length}.`);
  const { rows } = await database.query<SealedRow>({
    name: 'ledger.rows_at',
    text: `select ${COLUMNS} from ledger.sealed_log l where position = any($1::bigint[]) order by position`,
    values: [positions],
  });
  return rows;
}

/** Which stream an event of the sealed log is in. */
export type SealedStream = Pick<SealedRow, 'position' | 'stream'>;

/**
 * Reads of which streams the events of a stretch of the sealed log are, in order, at most 5,000: whoever wants the rest goes on after the last.
 * @param after position, exclusive
 * @param through position, inclusive
 */
export async function sealedStreams(
  database: Queryable,
  after: number,
  through: number,
): Promise<readonly SealedStream[]> {
  const { rows } = await database.query<SealedStream>({
    name: 'ledger.streams',
    text: 'select position, stream from ledger.sealed_log where position > $1 and position <= $2 order by position limit $3',
    values: [after, through, MAX_SEALED_PAGE],
  });
  return rows;
}

/** The last row of the sealed log, `null` while nothing is sealed. */
export async function lastSealedRow(database: Queryable): Promise<SealedRow | null> {
  const { rows } = await database.query<SealedRow>({
    name: 'ledger.last_row',
    text: `select ${COLUMNS} from ledger.sealed_log l order by position desc limit 1`,
  });
  return rows[0] ?? null;
}
