import type { Queryable } from '#libs/database';
import type { EventPlace, IndexedAs } from '#libs/read-model';

/** Which events of the log a report is made from. */
export interface EventsAsked {
  readonly tenant: string;
  /** Names from the catalogue. */
  readonly types: readonly string[];
  /** Recorded after this instant; null for the beginning of the log. */
  readonly from: string | null;
  /** Recorded at this instant or before. */
  readonly to: string;
  /** Position of the sealed log, inclusive. */
  readonly knownAt: number;
  /** The account that they are about. */
  readonly account?: string | undefined;
  /** The connection that they came through. */
  readonly connection?: string | undefined;
  /** Only what a person or an API key did. */
  readonly byPeople?: boolean | undefined;
}

/** An event of the index, with what it was found by. */
export type IndexedPlace = EventPlace & Omit<IndexedAs, 'recorded_at'> & { readonly recorded_at: Date };

/** An event and what is asked of its surroundings. */
export interface Vicinity {
  readonly account: string;
  readonly position: number;
}

/** Positions that one statement looks through: some milliseconds on the embedded database. */
export const POSITIONS_PER_STATEMENT = 20_000;

/** Of these, where each event is looked up in another table. */
export const LOOKED_UP_POSITIONS = 5_000;

/** Most places that one statement about surroundings is given. */
const VICINITIES_PER_STATEMENT = 200;

/** Events of one command stand together in the log: further apart than this none is looked for, in positions. */
export const SAME_COMMAND_POSITIONS = 1_000;

const COLUMNS = 'position, tenant, tenant_position, event_id, stream, revision, sealed_at';
const FOUND_BY = 'type, recorded_at, account, actor, connection';

/**
 * Finds the next events of a stretch of the log, by position.
 * @param within `after` exclusive and `through` inclusive, at most `POSITIONS_PER_STATEMENT` apart; `limit` of the events
 */
export async function placesWithin(
  database: Queryable,
  asked: EventsAsked,
  { after, through, limit }: { readonly after: number; readonly through: number; readonly limit: number },
): Promise<readonly IndexedPlace[]> {
  const { text, values } = conditionsOf(asked, after, through);
  const { rows } = await database.query<IndexedPlace>(
    `select ${COLUMNS}, ${FOUND_BY} from read_model.events_v1 where ${text} order by position limit $${values.length + 1}`,
    [...values, limit],
  );
  return rows;
}

/** Counts events in the log's index, stretch by stretch, so that no statement takes long. */
export async function countEvents(database: Queryable, asked: EventsAsked): Promise<number> {
  let sum = 0;
  for (let after = -1; after < asked.knownAt; after += POSITIONS_PER_STATEMENT) {
    const through = Math.min(after + POSITIONS_PER_STATEMENT, asked.knownAt);
    const { text, values } = conditionsOf(asked, after, through);
    const { rows } = await database.query<{ count: number | string }>(
      `select count(*) as count from read_model.events_v1 where ${text}`,
      values,
    );
    sum += Number(rows[0]?.count);
  }
  return sum;
}

function conditionsOf(asked: EventsAsked, after: number, through: number): { text: string; values: unknown[] } {
  const { tenant, types, from, to, account, connection, byPeople } = asked;
  const values: unknown[] = [tenant, types, after, through, to];
  const place = (value: unknown) => `$${values.push(value)}`;
  const parts = [
    'tenant = $1 and type = any($2::text[]) and position > $3 and position <= $4 and recorded_at <= $5::timestamptz',
    ...(from === null ? [] : [`recorded_at > ${place(from)}::timestamptz`]),
    ...(account === undefined ? [] : [`account = ${place(account)}::uuid`]),
    ...(connection === undefined ? [] : [`connection = ${place(connection)}`]),
    ...(byPeople ? ["(actor like 'account:%' or actor like 'key:%')"] : []),
  ];
  return { text: parts.join(' and '), values };
}

/** Finds the events of the same accounts that stand near others: among them is whatever one command has recorded together. */
export async function placesNear(
  database: Queryable,
  { tenant, knownAt }: Pick<EventsAsked, 'tenant' | 'knownAt'>,
  near: readonly Vicinity[],
): Promise<readonly EventPlace[]> {
  return aroundEach(near, async (accounts, positions) => {
    const { rows } = await database.query<EventPlace>({
      name: 'reports.places_near',
      text: `select distinct ${qualified('e')} from unnest($3::uuid[], $4::bigint[]) w(account, position)
             join read_model.events_v1 e on e.account = w.account
               and e.position > w.position - ${SAME_COMMAND_POSITIONS} and e.position < w.position + ${SAME_COMMAND_POSITIONS}
             where e.tenant = $1 and e.position <= $2 order by e.position`,
      values: [tenant, knownAt, accounts, positions],
    });
    return rows;
  });
}

/** Finds, for each account and position, the last event of some types before it. */
export async function placesBefore(
  database: Queryable,
  { tenant, types }: Pick<EventsAsked, 'tenant' | 'types'>,
  before: readonly Vicinity[],
): Promise<readonly EventPlace[]> {
  return aroundEach(before, async (accounts, positions) => {
    const { rows } = await database.query<EventPlace>({
      name: 'reports.places_before',
      text: `select distinct ${qualified('e')} from unnest($3::uuid[], $4::bigint[]) w(account, position)
             cross join lateral (
               select * from read_model.events_v1 x
               where x.account = w.account and x.position < w.position and x.tenant = $1 and x.type = any($2::text[])
               order by x.position desc limit 1
             ) e order by e.position`,
      values: [tenant, types, accounts, positions],
    });
    return rows;
  });
}

const qualified = (table: string): string =>
  COLUMNS.split(', ')
    .map((column) => `${table}.${column}`)
    .join(', ');

async function aroundEach(
  vicinities: readonly Vicinity[],
  find: (accounts: readonly string[], positions: readonly number[]) => Promise<readonly EventPlace[]>,
): Promise<readonly EventPlace[]> {
  const found = new Map<number, EventPlace>();
  for (let at = 0; at < vicinities.length; at += VICINITIES_PER_STATEMENT) {
    const some = vicinities.slice(at, at + VICINITIES_PER_STATEMENT);
    const places = await find(
      some.map(({ account }) => account),
      some.map(({ position }) => position),
    );
    for (const place of places) found.set(place.position, place);
  }
  return [...found.values()].sort((one, other) => one.position - other.position);
}
