import type { Queryable } from '#libs/database';

/** One line of the sealed log: which event stands where, and its hash. */
export interface SealedRow {
  readonly position: number;
  readonly tenant: string;
  readonly tenantPosition: number;
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

const COLUMNS = `position, tenant, tenant_position as "tenantPosition", store_position as "storePosition", event_id as "eventId",
  stream, revision, sealed_at as "sealedAt", encode(hash, 'hex') as hash`;

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
    text: `select ${COLUMNS} from ledger.sealed_log where position > $1 order by position limit $2`,
    values: [after, limit],
  });
  return rows;
}

/** The last row of the sealed log, `null` while nothing is sealed. */
export async function lastSealedRow(database: Queryable): Promise<SealedRow | null> {
  const { rows } = await database.query<SealedRow>({
    name: 'ledger.last_row',
    text: `select ${COLUMNS} from ledger.sealed_log order by position desc limit 1`,
  });
  return rows[0] ?? null;
}
