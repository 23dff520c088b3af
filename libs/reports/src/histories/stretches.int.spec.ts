import { type Database, migrate } from '#libs/database';
import { ledgerMigrations } from '#libs/ledger';
import { readModelMigrations } from '#libs/read-model';
import { onEveryDatabase } from '#libs/testing';
import { POSITIONS_PER_STATEMENT } from '../events/event-places.queries.js';
import { lastHeard } from './last-heard.queries.js';
import { countOpenings, findOpenings } from './openings.queries.js';
import { standingGrantsOfRole } from './standing-grants.queries.js';

/** Goal: no statement looks through the whole log, and what stands far apart in it is found nevertheless. */

const LAST = 2 * POSITIONS_PER_STATEMENT + 100;
const AT = '2026-03-02T08:00:00.000Z';
const FAR_APART = [0, POSITIONS_PER_STATEMENT - 1, POSITIONS_PER_STATEMENT, POSITIONS_PER_STATEMENT + 1, LAST];
const ENDED = 4_500;

jest.setTimeout(120_000);

onEveryDatabase((open) => {
  let test: Awaited<ReturnType<typeof open>>;
  const question = { tenant: 'acme', asOf: AT, knownAt: LAST, from: null };

  beforeAll(async () => {
    test = await open();
    await migrate(test.database, [...ledgerMigrations, ...readModelMigrations]);
    for (const position of FAR_APART) await insertEvent(test.database, 'acme', position, 'okta');
    // another tenant has events of the same type, also through a connection of the same name
    await insertEvent(test.database, 'globex', LAST - 1, 'okta');
    await insertEvent(test.database, 'globex', LAST - 2, 'silent');
    await insertEvent(test.database, 'acme', 1, 'old');
  });
  afterAll(() => test?.drop());

  it('finds openings of every stretch, as many as are asked for, and from each place on', async () => {
    const openings = { type: 'UserProvisioned', beginsStream: true };
    const find = async (after: number, limit: number) =>
      (await findOpenings(test.database, question, openings, { after, limit })).map(({ position }) => position);
    const all = [0, 1, ...FAR_APART.slice(1)];

    expect(await find(-1, 100)).toEqual(all);
    expect(await find(-1, 4)).toEqual(all.slice(0, 4));
    for (const [index, position] of all.entries()) expect(await find(position, 100)).toEqual(all.slice(index + 1));
    expect(await countOpenings(test.database, question, openings)).toBe(all.length);
    expect(await countOpenings(test.database, { ...question, knownAt: LAST - 1 }, openings)).toBe(all.length - 1);
  });

  it('hears of each source of the tenant alone, however long ago', async () => {
    const heard = (knownAt: number) =>
      lastHeard(test.database, { ...question, knownAt }, ['okta', 'old', 'silent'], {
        types: ['UserProvisioned'],
        orByItself: false,
      });

    expect([...(await heard(LAST))]).toEqual([
      ['okta', new Date(AT)],
      ['old', new Date(AT)],
    ]);
    expect([...(await heard(0)).keys()]).toEqual(['okta']);
  });

  it('finds the grants that stand behind thousands that have ended', async () => {
    await insertGrants(test.database);
    const find = (after: { position: number; grant: string } | null, limit: number) =>
      standingGrantsOfRole(test.database, question, { role: 'crm.reader', after, limit });

    const all = await find(null, 10);
    expect(all.map(({ granted_pos }) => granted_pos)).toEqual([0, ENDED + 1, ENDED + 2]);
    expect(await find(null, 2)).toEqual(all.slice(0, 2));
    const [first] = all;
    expect(await find({ position: first?.granted_pos ?? -1, grant: first?.grant ?? '' }, 10)).toEqual(all.slice(1));
  });
});

function insertEvent(database: Database, tenant: string, position: number, connection: string) {
  return database.query(
    `insert into read_model.events_v1 (position, tenant, tenant_position, event_id, type, stream, revision, recorded_at, sealed_at, actor, connection)
     values ($1, $2, $1, gen_random_uuid(), 'UserProvisioned', $3, 0, $4::timestamptz, $5, 'system:test', $6)`,
    [position, tenant, `account-${tenant}+${position}`, AT, AT, connection],
  );
}

/** One that stands, thousands that ended, and two that stand. */
function insertGrants(database: Database) {
  return database.query(
    `insert into read_model.grants_v1 (tenant, grant_id, from_pos, account, role, source_kind, valid_from, valid_to, granted_pos, granted_event)
     select 'acme', gen_random_uuid(), n, gen_random_uuid(), 'crm.reader', 'manual', $1::timestamptz,
       case when n between 1 and ${ENDED} then $1::timestamptz end, n, gen_random_uuid()
     from generate_series(0, ${ENDED + 2}) n`,
    [AT],
  );
}
