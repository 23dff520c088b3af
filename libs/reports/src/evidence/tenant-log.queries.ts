import { EVENT_ENTRIES } from '#libs/contracts';
import type { Queryable } from '#libs/database';

/** Rows that one statement looks at: well below 100 ms on the embedded database. */
export const STRETCH_ROWS = 5_000;

/** Most numbers that are named where some are missing. */
export const MOST_NAMED = 10;

/** The tenant's part of the sealed log up to a position, beside what the read model's index has of it. */
export interface TenantLog {
  /** Events that are sealed. */
  readonly sealed: number;
  /** Events that the index has. */
  readonly projected: number;
  /** Numbers missing among the tenant's positions, and lines missing at the end of the log. */
  readonly gaps: number;
  /** The first missing tenant positions, at most ten. */
  readonly missing: readonly number[];
  /** Missing lines of the log after the tenant's last event, where nobody can tell whose they were. */
  readonly missingAtEnd: number;
  /** Sealed events that the index lacks, or has as another event, of another stream, under another number or moment, or of a type that its stream cannot carry. */
  readonly unlike: number;
  /** Positions of the first of these, at most ten. */
  readonly unprojected: readonly number[];
  /** Connections that were registered, removed ones included. */
  readonly connections: number;
}

/** Which part. */
export interface TenantLogQuery {
  readonly tenant: string;
  /** Position of the sealed log, inclusive. */
  readonly knownAt: number;
}

/** Types of events with the category of the streams that carry them. */
const TYPES_IN_STREAMS = EVENT_ENTRIES.map(({ category, type }) => `${category} ${type}`);

/**
 * Whether the index has a line `l` of the sealed log as it is, under a type that its stream can carry; as a scalar, so that each is looked up
 * by its position alone. The log has no more to compare: whether the type is the right one is for whoever reads the event.
 * @param types place of `TYPES_IN_STREAMS`
 */
const alike = (types: string): string =>
  `(select e.tenant = l.tenant and e.tenant_position = l.tenant_position and e.event_id = l.event_id and e.stream = l.stream
      and e.revision = l.revision
      and e.sealed_at = l.sealed_at and split_part(l.stream, '-', 1) || ' ' || e.type = any(${types}::text[])
    from read_model.events_v1 e where e.position = l.position)`;

interface Stretch {
  /** Rows that were read, those beyond `knownAt` included. */
  readonly read: number;
  readonly rows: number;
  /** Of the rows, those that the index has as they are. */
  readonly alike: number;
  /** Of the rows, those that begin the stream of a connection. */
  readonly connections: number;
  readonly last: number | null;
  readonly lastPosition: number | null;
  /** The first tenant position beyond `knownAt`, where one was read. */
  readonly beyond: number | null;
}

/** Where the walk has come: a tenant position and its position. */
interface Place {
  readonly tenantPosition: number;
  readonly position: number;
}

/**
 * Counts what is sealed, what is indexed and what is missing, and holds the index against the log line by line, by walking through every
 * position of the tenant. One short statement per 5,000 rows and no transaction, so a long log is walked beside running work.
 */
export async function walkTenantLog(
  database: Queryable,
  query: TenantLogQuery,
  stretchRows: number = STRETCH_ROWS,
): Promise<TenantLog> {
  const walk = new Walk(database, query, stretchRows);
  while (await walk.step());
  return walk.end();
}

class Walk {
  #at: Place = { tenantPosition: -1, position: -1 };
  #sealed = 0;
  #projected = 0;
  #unlike = 0;
  #connections = 0;
  #gaps = 0;
  #missing: readonly number[] = [];
  #unprojected: readonly number[] = [];
  #followed = false;

  constructor(
    private readonly database: Queryable,
    private readonly query: TenantLogQuery,
    private readonly stretchRows: number,
  ) {}

  /** Takes the next stretch. @returns whether there may be more */
  async step(): Promise<boolean> {
    const stretch = await readStretch(this.database, this.query, this.#at.tenantPosition, this.stretchRows);
    const { rows, alike, read, beyond } = stretch;
    const end = {
      tenantPosition: stretch.last ?? this.#at.tenantPosition,
      position: stretch.lastPosition ?? this.#at.position,
    };
    await this.#countMissing(beyond === null ? end.tenantPosition : beyond - 1, rows);
    await this.#countProjected(end, rows);
    if (alike < rows) await this.#name(end);
    this.#sealed += rows;
    this.#unlike += rows - alike;
    this.#connections += stretch.connections;
    this.#at = end;
    this.#followed = beyond !== null;
    return beyond === null && read === this.stretchRows;
  }

  /**
   * Where nothing of the tenant follows, what comes after its last event has to be dense over all tenants: else an event at the end could be
   * gone unseen.
   */
  async end(): Promise<TenantLog> {
    const { knownAt } = this.query;
    const after = this.#at.position;
    const missingAtEnd = this.#followed
      ? 0
      : knownAt - after - (await countRows(this.database, OF_ALL_SEALED, { after, knownAt }));
    this.#projected += await countRows(this.database, OF_TENANT_INDEXED, { ...this.query, after });
    return {
      sealed: this.#sealed,
      projected: this.#projected,
      gaps: this.#gaps + missingAtEnd,
      missing: this.#missing,
      missingAtEnd,
      unlike: this.#unlike,
      unprojected: this.#unprojected,
      connections: this.#connections,
    };
  }

  async #countMissing(through: number, rows: number): Promise<void> {
    const after = this.#at.tenantPosition;
    const missing = through - after - rows;
    if (missing === 0) return;
    this.#gaps += missing;
    if (this.#missing.length >= MOST_NAMED) return;
    // where so many are there, the first missing ones are not far
    const near = Math.min(through, after + rows + MOST_NAMED);
    const named = await missingNumbers(this.database, this.query.tenant, after, near);
    this.#missing = [...this.#missing, ...named].slice(0, MOST_NAMED);
  }

  async #countProjected(end: Place, rows: number): Promise<void> {
    if (rows === 0) return;
    const { tenant } = this.query;
    const range = { tenant, after: this.#at.position, knownAt: end.position };
    this.#projected += await countRows(this.database, OF_TENANT_INDEXED, range);
  }

  async #name(end: Place): Promise<void> {
    if (this.#unprojected.length >= MOST_NAMED) return;
    const { tenant } = this.query;
    const named = await unprojectedPositions(this.database, tenant, this.#at.tenantPosition, end.tenantPosition);
    this.#unprojected = [...this.#unprojected, ...named].slice(0, MOST_NAMED);
  }
}

async function readStretch(
  database: Queryable,
  { tenant, knownAt }: TenantLogQuery,
  after: number,
  limit: number,
): Promise<Stretch> {
  const { rows } = await database.query<Stretch>({
    name: 'reports.sealed_stretch',
    text: `select count(*) as read, count(*) filter (where position <= $3) as rows, count(*) filter (where alike) as alike,
             count(*) filter (where position <= $3 and begins) as connections,
             max(tenant_position) filter (where position <= $3) as last,
             max(position) filter (where position <= $3) as "lastPosition",
             min(tenant_position) filter (where position > $3) as beyond
           from (select tenant_position, position, case when position <= $3 then ${alike('$5')} end as alike,
                 revision = 0 and starts_with(stream, 'connection-') as begins from ledger.sealed_log l
                 where tenant = $1 and tenant_position > $2 order by tenant_position limit $4) s`,
    values: [tenant, after, knownAt, limit, TYPES_IN_STREAMS],
  });
  return rows[0] as Stretch;
}

/** A statement that counts a bounded number of rows after a position and says where it came to. */
interface Counting {
  readonly name: string;
  readonly text: string;
}

const COUNTED = 'select count(*) as rows, max(position) as last from';

/** Compared as pairs, so that only the index by tenant will do: the one by position would look through all other tenants' events. */
const OF_TENANT_INDEXED: Counting = {
  name: 'reports.count_indexed',
  text: `${COUNTED} (select position from read_model.events_v1
         where (tenant, position) > ($4, $1) and (tenant, position) <= ($4, $2) order by tenant, position limit $3) e`,
};

const OF_ALL_SEALED: Counting = {
  name: 'reports.count_sealed',
  text: `${COUNTED} (select position from ledger.sealed_log where position > $1 and position <= $2 order by position limit $3) l`,
};

async function countRows(
  database: Queryable,
  counting: Counting,
  { tenant, after, knownAt }: { readonly tenant?: string; readonly after: number; readonly knownAt: number },
): Promise<number> {
  let total = 0;
  for (let at = after; ; ) {
    const values = [at, knownAt, STRETCH_ROWS, ...(tenant === undefined ? [] : [tenant])];
    const { rows } = await database.query<{ rows: number; last: number | null }>({ ...counting, values });
    const [found = { rows: 0, last: null }] = rows;
    total += found.rows;
    if (found.rows < STRETCH_ROWS || found.last === null) return total;
    at = found.last;
  }
}

async function missingNumbers(database: Queryable, tenant: string, after: number, through: number): Promise<number[]> {
  const { rows } = await database.query<{ number: number }>({
    name: 'reports.missing_numbers',
    text: `select n as number from generate_series($2::bigint + 1, $3::bigint) n
           where not exists (select 1 from ledger.sealed_log l where l.tenant = $1 and l.tenant_position = n)
           order by n limit ${MOST_NAMED}`,
    values: [tenant, after, through],
  });
  return rows.map(({ number }) => number);
}

async function unprojectedPositions(
  database: Queryable,
  tenant: string,
  after: number,
  through: number,
): Promise<number[]> {
  const { rows } = await database.query<{ position: number }>({
    name: 'reports.unprojected',
    text: `select l.position from ledger.sealed_log l
           where l.tenant = $1 and l.tenant_position > $2 and l.tenant_position <= $3
             and ${alike('$4')} is not true
           order by l.tenant_position limit ${MOST_NAMED}`,
    values: [tenant, after, through, TYPES_IN_STREAMS],
  });
  return rows.map(({ position }) => position);
}
