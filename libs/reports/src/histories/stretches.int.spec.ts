import { type Database, migrate } from '#libs/database';
import { ledgerMigrations } from '#libs/ledger';
import { readModelMigrations } from '#libs/read-model';
import { onEveryDatabase } from '#libs/testing';
import { POSITIONS_PER_STATEMENT, SAME_COMMAND_POSITIONS } from '../events/event-places.queries.js';
import { approvalsUnseen } from '../kinds/access/approvals-lost.queries.js';
import { countKnownApplicationSignIns } from '../kinds/privileged-access/uses-known.queries.js';
import { countWholeGrants } from './grant-histories.queries.js';
import { lastHeard } from './last-heard.queries.js';
import { countOpenings, findOpenings } from './openings.queries.js';
import { refusalsAfter } from './sign-ins-known.queries.js';
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
    for (const position of FAR_APART) await insertEvent(test.database, { position, connection: 'okta' });
    // another tenant has events of the same type, also through a connection of the same name
    await insertEvent(test.database, { tenant: 'globex', position: LAST - 1, connection: 'okta' });
    await insertEvent(test.database, { tenant: 'globex', position: LAST - 2, connection: 'silent' });
    await insertEvent(test.database, { position: 1, connection: 'old' });
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

    const whole = (account?: string) => countWholeGrants(test.database, { ...question, account });
    expect([await whole(), await whole(first?.account), await whole(nth(1))]).toEqual([ENDED + 3, 1, 0]);
  });

  it('counts the uses of every stretch, and those of the tenant, source, instant and position alone', async () => {
    await test.database.query(
      `insert into read_model.recorded_uses_v1 (tenant, position, account, application, role, source, used_at)
       select case when n % 5 = 0 then 'globex' else 'acme' end, n, md5((n % 7)::text)::uuid, 'app' || n % 3, '',
         case when n % 5 = 1 then 'siem' else 'op' end, $1::timestamptz + (n % 2) * interval '1 day' from generate_series(0, 11999) n`,
      [AT],
    );
    const count = (over: Partial<typeof question>) =>
      countKnownApplicationSignIns(test.database, { ...question, ...over });
    expect(await count({})).toBe(((12_000 / 5) * 3) / 2);
    expect(await count({ asOf: '2026-03-03T08:00:00.000Z' })).toBe((12_000 / 5) * 3);
    expect(await count({ knownAt: 1_999 })).toBe(((2_000 / 5) * 3) / 2);
    expect(await count({ tenant: 'initech' })).toBe(0);
  });

  it('finds the approvals that are lost, of however many elevations, and of those alone', async () => {
    const elevations = Array.from({ length: 50 }, (_, n) => ({ account: nth(n), stream: `elevation-acme+${nth(n)}` }));
    for (const [n, one] of elevations.entries())
      await insertEvent(test.database, { ...one, type: 'ElevationApproved', position: 100 + n });
    await test.database.query(
      `insert into read_model.grant_approvals_v1 (tenant, elevation, position, by, via, at)
       select 'acme', unnest($1::uuid[]), generate_series(100, 144), gen_random_uuid(), 'page', now()`,
      [elevations.slice(0, 45).map(({ account }) => account)],
    );
    const unseen = async (asked: typeof elevations, knownAt = LAST) =>
      (await approvalsUnseen(test.database, { ...question, knownAt }, asked)).map(({ position }) => position);
    expect(await unseen(elevations)).toEqual([145, 146, 147, 148, 149]);
    expect(await unseen(elevations, 146)).toEqual([145, 146]);
    expect(await unseen(elevations.slice(0, 46))).toEqual([145]);
    expect(await unseen([])).toEqual([]);
  });

  it('looks for the refusal of a sign-in right after it, and not through all that came later', async () => {
    const account = nth(99);
    await test.database.query(
      `insert into read_model.sign_ins_v1 (event_id, tenant, account, connection, at, position)
       values ($1, 'acme', $1, 'okta', $2::timestamptz, 200)`,
      [account, AT],
    );
    const refused = async (...positions: readonly number[]) => {
      for (const position of positions)
        await insertEvent(test.database, {
          type: 'SignInRefused',
          account,
          position,
          stream: `signInRefusal-acme+${position}`,
        });
      const found = await refusalsAfter(test.database, question, new Map([[account, new Date(AT)]]));
      return found.map(({ position }) => position);
    };
    expect(await refused(200 + SAME_COMMAND_POSITIONS + 1)).toEqual([]);
    expect(await refused(200 + SAME_COMMAND_POSITIONS, 199, 201)).toEqual([201, 200 + SAME_COMMAND_POSITIONS]);
    expect(await refused(202, 203, 204, 205, 206)).toEqual([201, 202, 203, 204, 205]);
  });
});

interface Inserted {
  readonly position: number;
  readonly tenant?: string;
  readonly type?: string;
  readonly stream?: string;
  readonly account?: string;
  readonly connection?: string;
}

function insertEvent(
  database: Database,
  { position, tenant = 'acme', type = 'UserProvisioned', stream, account, connection }: Inserted,
) {
  return database.query(
    `insert into read_model.events_v1 (position, tenant, tenant_position, event_id, type, stream, revision, recorded_at, sealed_at, actor, account, connection)
     values ($1, $2, $1, gen_random_uuid(), $7, $3, 0, $4::timestamptz, $5, 'system:test', $8, $6)`,
    [position, tenant, stream ?? `account-${tenant}+${position}`, AT, AT, connection ?? null, type, account ?? null],
  );
}

/** An id by its number. */
const nth = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

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
