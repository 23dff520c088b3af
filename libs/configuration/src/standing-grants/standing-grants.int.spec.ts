/** Standing grants are the fold of the log, in whatever stretches and by however many readers it is read. */
import { databaseMigrations, migrate } from '#libs/database';
import type { Grant } from '#libs/domain';
import type { SealedEvent } from '#libs/kernel';
import {
  ada,
  assigned,
  bo,
  by,
  byHand,
  clearReader,
  grantId,
  historyOf,
  linked,
  olga,
  onEveryDatabase,
  provisioned,
  reduced,
  revoked,
  signedIn,
  storedInClear,
  storeOf,
  type TestDatabase,
  unlinked,
} from '#libs/testing';
import { type GrantsOf, StandingGrants } from './standing-grants.js';
import { configurationMigrations } from './standing-grants.table.js';

jest.setTimeout(60_000);

const NOW = '2026-03-02T12:00:00.000Z';

onEveryDatabase((open) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await open();
    await migrate(test.database, [...databaseMigrations, ...configurationMigrations]);
  });
  beforeEach(() => forgotten());
  afterAll(() => test?.drop());

  /** Empties what was read into tables, so that it is read anew. */
  const forgotten = async () => {
    const { rows } = await test.database.query<{ tables: string }>(
      `select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables from pg_tables where schemaname = 'provisioning'`,
    );
    await test.database.query(`truncate ${rows[0]?.tables}`);
  };

  /** Standing grants over the first events of a history. */
  const over = (events: readonly SealedEvent[], length = events.length) => {
    const stored = storedInClear(events.slice(0, length));
    const store = { ...storeOf(stored), head: async () => stored.length - 1 };
    return new StandingGrants({ database: test.database, store, codec: clearReader });
  };

  const held = async (standing: StandingGrants, of: GrantsOf) => {
    const all: [string, readonly string[]][] = [];
    for await (const page of standing.pagesOf(of, NOW))
      all.push(...page.map(({ account, grants }): [string, string[]] => [account, grants.map(roleOf).sort()]));
    return new Map(all);
  };
  const roleOf = ({ role }: Grant) => role;

  const history = historyOf(
    provisioned(ada),
    signedIn(ada),
    assigned(ada, 'crm.reader', by('okta', 'everyone')),
    assigned(ada, 'crm.writer', by('okta', 'sales')),
    provisioned(bo),
    signedIn(bo),
    assigned(bo, 'crm.reader', by('okta', 'everyone')),
    assigned(bo, 'crm.writer', byHand(olga)),
    revoked(ada, 'crm.writer'),
    signedIn(ada, 'okta', { nth: 2 }),
  );

  it('finds who holds grants from a connection, and of a role', async () => {
    const standing = over(history);
    expect(await standing.catchUp()).toBe(history.length - 1);
    const fromOkta = await held(standing, { tenant: 'acme', connection: 'okta' });
    expect(fromOkta).toEqual(
      new Map([
        [ada.account, ['crm.reader']],
        [bo.account, ['crm.reader']],
      ]),
    );
    expect(await held(standing, { tenant: 'acme', role: 'crm.writer' })).toEqual(
      new Map([[bo.account, ['crm.writer']]]),
    );
    expect((await held(standing, { tenant: 'acme', connection: 'okta', account: bo.account })).size).toBe(1);
    expect((await held(standing, { tenant: 'globex', connection: 'okta' })).size).toBe(0);
  });

  it('knows by which connections somebody was ever linked, also by hand, and also when that has ended', async () => {
    const before = over(historyOf(provisioned(ada)));
    await before.catchUp();
    expect(await before.wasLinked('acme', 'entra')).toBe(false);
    const after = over(historyOf(provisioned(ada), linked(ada, 'entra', 'x'), unlinked(ada, 'entra', 'x')));
    await after.catchUp();
    expect(await after.wasLinked('acme', 'entra')).toBe(true);
    expect(await after.wasLinked('globex', 'entra')).toBe(false);
  });

  it('knows the last sign-in of each account through the connection', async () => {
    const standing = over(history);
    await standing.catchUp();
    const last = await standing.lastSignIns('acme', 'okta', [ada.account, bo.account, olga.account]);
    const streams = history.filter(({ type }) => type === 'SignedIn').map(({ stream }) => stream.split('+')[1]);
    expect(last).toEqual(
      new Map([
        [ada.account, streams[2]],
        [bo.account, streams[1]],
      ]),
    );
  });

  it('finds grants by rules past their end, by account, until they are written down as ended', async () => {
    const ends = { until: NOW };
    const later = '2026-03-02T12:00:00.001Z';
    const leased = historyOf(
      provisioned(ada),
      assigned(ada, 'crm.reader', by('okta', 'everyone'), ends),
      assigned(ada, 'crm.writer', by('okta', 'sales'), { until: later }),
      provisioned(bo),
      assigned(bo, 'crm.reader', byHand(olga), ends),
      assigned(bo, 'crm.writer', by('okta', 'sales'), ends),
      revoked(bo, 'crm.writer'),
    );
    const lapsed = async (events: readonly SealedEvent[], at: string) => {
      const standing = over(events);
      await standing.catchUp();
      const found = [];
      for await (const page of standing.lapsedPages(at)) found.push(...page);
      return found.map(({ account, grants }) => [account, grants.length]);
    };
    expect(await lapsed(leased.slice(0, -1), '2026-03-02T11:59:59.999Z')).toEqual([]);
    expect(await lapsed(leased.slice(0, -1), NOW)).toEqual([ada, bo].map(({ account }) => [account, 1]).sort());
    expect(await lapsed(leased, later)).toEqual([[ada.account, 2]]);
  });

  it('knows the end that a review has set, also when it was given long before', async () => {
    const end = '2026-03-02T11:00:00.000Z';
    const reducing = historyOf(
      provisioned(ada),
      assigned(ada, 'crm.reader', by('okta', 'everyone')),
      reduced(ada, 'crm.reader', end),
    );
    await over(reducing, 2).catchUp();
    expect((await held(over(reducing, 2), { tenant: 'acme', connection: 'okta' })).size).toBe(1);
    const standing = over(reducing);
    await standing.catchUp();
    expect(await held(standing, { tenant: 'acme', connection: 'okta' })).toEqual(new Map([[ada.account, []]]));
    const found = [];
    for await (const page of standing.lapsedPages(end)) found.push(...page);
    expect(found).toEqual([{ tenant: 'acme', account: ada.account, grants: [grantId(ada, 'crm.reader')] }]);
  });

  it('comes to the same in any stretches, and by readers at the same time', async () => {
    for (let length = 1; length <= history.length; length += 1)
      await Promise.all([over(history, length).catchUp(), over(history, length).catchUp()]);
    const piecewise = await held(over(history), { tenant: 'acme', connection: 'okta' });
    await test.database.query('truncate provisioning.checkpoints, provisioning.standing_grants');
    await over(history).catchUp();
    expect(await held(over(history), { tenant: 'acme', connection: 'okta' })).toEqual(piecewise);
  });
});
