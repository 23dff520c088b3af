import type { PolicySettings } from '#libs/contracts';
import { dormantAccounts } from '#libs/read-model';
import {
  absorbed,
  ada,
  assigned,
  at,
  bo,
  Chronicle,
  deactivated,
  type Fact,
  merged,
  olga,
  onEveryDatabase,
  type Person,
  person,
  provisioned,
  reactivated,
  roleDefined,
  signedIn,
  signInRefused,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import type { Question } from '../../question.js';
import { dormantReport } from './dormant.report.js';

/** Goal: which accounts lay idle on a day, by what was known and by the policy of that day, and in agreement with the findings. */

const eve = person('Eve', 'Lund');
const gone = person('Gus', 'Gone');
const glass = person('Glen', 'Glass');
const day = (month: number, n: number) =>
  `2026-${String(month).padStart(2, '0')}-${String(n).padStart(2, '0')}T08:00:00.000Z`;

const WHEN = day(4, 30);

const watch: PolicySettings = { kind: 'dormant', after: 'P30D', action: 'finding', maxPerRun: 100, owner: null };
const policy = (type: string, data: object) => ({
  category: 'policy',
  tenant: 'acme',
  id: 'dormant-30',
  event: () => ({ type, data: { policy: 'dormant-30', ...data } }),
});

const history = new Chronicle(day(1, 1)).record(
  at(day(1, 1), roleDefined('crm.admin', { privileged: true })),
  ...[ada, bo, olga, eve, gone, yusuf].map((who) => provisioned(who)), // 1 to 6
  provisioned(glass, { kind: 'breakGlass' }), // 7
  assigned(ada, 'crm.admin'),
  at(day(1, 10), signedIn(ada)), // 9
  at(day(1, 20), deactivated(eve)), // 10
  at(day(2, 1), deactivated(gone)),
  at(day(3, 1), reactivated(eve)), // 12
  at(day(3, 2), signedIn(bo)), // 13
  at(day(3, 3), signInRefused(bo, 'deactivated', { nth: 1 })), // 14: it does not count after all
  at(day(4, 1), signedIn(olga)),
  at(day(4, 2), policy('PolicyDefined', { settings: watch, enabled: true, managedBy: 'api', reason: null })), // 16
  at(day(6, 1), signedIn(ada, 'okta', { nth: 2 })), // 17
  at(day(6, 2), policy('PolicyDisabled', { reason: null })), // 18
);

/** Mia has used her first account alone; that one went into her second, and the second into the one that she goes on with. */
const [first, second, third] = [person('Mia', 'Mint'), person('Mia2', 'Mint'), person('Mia3', 'Mint')];
const ends = (one: Person, into: Person) => [absorbed(into, one), deactivated(one), merged(one, into)];
const mergedAccounts = (...more: readonly Fact[]) =>
  new Chronicle(day(1, 1)).record(
    ...[third, second, first].map((who) => provisioned(who)), // 0 to 2
    at(day(3, 1), signedIn(first)), // 3
    ...more,
    ...ends(first, second).map((fact) => at(day(3, 10), fact)), // 4 to 6
    ...ends(second, third).map((fact) => at(day(4, 10), fact)), // 7 to 9
    at(day(6, 30), provisioned(olga)),
  );

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const report = (over: Parameters<typeof askedOf>[1] = {}, after: string | null = null) =>
    reportOf(dormantReport, told.source, askedOf(history, over), after);
  const quiet = async (over: Parameters<typeof askedOf>[1] = {}) =>
    (await report(over)).rows.map(({ account, quietSince, after }) => [account, quietSince, after]);
  const made = (position: number) => history[position]?.recordedAt;

  it('tells who has been quiet for 90 days where no policy says how long', async () => {
    const ninetyDays = '2026-04-01T08:02:00.000Z';
    expect(await quiet({ asOf: '2026-04-01T08:01:59.999Z', knownAt: 15 })).toEqual([]);
    expect(await quiet({ asOf: ninetyDays, knownAt: 15 })).toEqual([[bo.account, made(2), 'P90D']]);
  });

  it('tells all of an account', async () => {
    const { rows } = await report({ asOf: WHEN });
    expect(rows[0]).toEqual({
      account: ada.account,
      userName: 'ada@acme.example',
      displayName: 'Ada Okafor',
      employeeType: null,
      department: 'Engineering',
      manager: 'olga@acme.example',
      kind: 'person',
      directory: 'staff',
      provisionedAt: made(1),
      reactivatedAt: null,
      lastSignInAt: day(1, 10),
      quietSince: day(1, 10),
      quietDays: 110,
      code: 'no-sign-in',
      after: 'P30D',
      policies: ['dormant-30'],
      roles: ['crm.admin'],
      privileged: true,
      position: 1,
    });
  });

  it('goes by the policy that was in force then', async () => {
    expect(await quiet({ asOf: WHEN })).toEqual([
      [ada.account, day(1, 10), 'P30D'],
      [bo.account, made(2), 'P30D'],
      [eve.account, day(3, 1), 'P30D'],
    ]);
    expect(await quiet({ asOf: day(4, 20) })).toContainEqual([bo.account, made(2), 'P30D']);
    expect(await quiet({ asOf: day(6, 3) })).toEqual([
      [bo.account, made(2), 'P90D'],
      [eve.account, day(3, 1), 'P90D'],
    ]);
  });

  it('does not count a sign-in that was taken back, from when that is known', async () => {
    expect(await quiet({ asOf: WHEN, knownAt: 13 })).toEqual([
      [ada.account, day(1, 10), 'P90D'],
      [olga.account, made(3), 'P90D'],
    ]);
    expect((await quiet({ asOf: WHEN, knownAt: 14 })).map(([account]) => account)).toContain(bo.account);
  });

  it('accounts for every account that was made, and says why it is left out', async () => {
    const question = askedOf(history, { asOf: WHEN });
    const { rows, counts } = await report({ asOf: WHEN });

    expect(await dormantReport.population(told.source, question, { rows: rows.length, counts })).toEqual([
      { of: 'accounts', recorded: 6, listed: 3, excluded: { inUse: 1, deactivated: 1, breakGlass: 1 } },
      { of: 'sign-ins', recorded: 3, listed: 3, excluded: {} },
      { of: 'grants with their histories', recorded: 1, listed: 1, excluded: {} },
      { of: 'events that gave or ended grants', recorded: 1, listed: 1, excluded: {} },
    ]);
    expect(counts).toMatchObject({ 'flag.privileged': 1 });
  });

  it.each([
    { filter: { account: bo.account }, found: [bo] },
    { filter: { role: 'crm.admin' }, found: [ada] },
    { filter: { privileged: false }, found: [bo, eve] },
    { filter: { department: 'Finance' }, found: [bo] },
    { filter: { directory: 'partners' }, found: [] },
  ])('answers for $filter alone', async ({ filter, found }) => {
    const question = askedOf(history, { asOf: WHEN, filter });
    const { rows } = await reportOf(dormantReport, told.source, question);

    expect(rows.map(({ account }) => account)).toEqual(found.map(({ account }) => account));
    expect(await reconciles(dormantReport, told.source, question)).toEqual([]);
  });

  it('says that an account is missing which the log has and the read model has not', async () => {
    await told.source.database.query('delete from read_model.account_history_v2 where account = $1', [bo.account]);
    expect((await report({ asOf: WHEN })).counts).toMatchObject({ 'excluded.unknownAccount': 1 });
  });

  it.each([
    ['was suspended', gone, 11],
    ['was suspended for a while', eve, 10],
  ])('does not judge an account of which the read model has lost that it %s', async (_what, who, position) => {
    await told.source.database.query('delete from read_model.account_history_v2 where from_pos = $1', [position]);
    const { rows, counts } = await report({ asOf: WHEN });
    expect(rows.map(({ accountId, account }) => accountId ?? account)).not.toContain(who.account);
    expect(counts).toMatchObject({ 'excluded.unknownAccount': 1 });
  });

  it('does not know when somebody last signed in whose refusal is lost, unless they are not asked about', async () => {
    await told.source.database.query('delete from read_model.withdrawn_sign_ins_v1');
    const excluded = async (filter = {}) => (await report({ asOf: WHEN, filter })).counts;
    expect(await excluded()).toMatchObject({ 'excluded.unknownSignIn': 1 });
    expect(await excluded({ account: ada.account })).not.toHaveProperty(['excluded.unknownSignIn']);
  });

  it('agrees with what the findings look for now', async () => {
    const now = day(6, 30);
    const query = { tenant: 'acme', now, before: day(4, 1), limit: 50 };
    const { items } = await dormantAccounts(told.source.database, query);
    const found = items
      .filter(({ kind }) => kind !== 'breakGlass')
      .map(({ account, since }) => [account, since.toISOString()]);

    expect((await quiet({ asOf: now })).map(([account, since]) => [account, since])).toEqual(found);
    expect(found).toHaveLength(3);
  });

  describe('of somebody whose accounts were merged', () => {
    const merges = mergedAccounts();
    const dormantOn = async (asOf: string, events = merges, over: Partial<Question> = {}) => {
      const { rows, counts } = await reportOf(dormantReport, told.source, askedOf(events, { asOf, ...over }));
      return { counts, found: rows.map(({ account, lastSignInAt, code }) => [account, lastSignInAt, code]) };
    };
    beforeEach(() => told.tell(merges));

    it('counts what they signed in to before, from the merge on', async () => {
      expect((await dormantOn(day(4, 5))).found).toEqual([[third.account, null, 'never-signed-in']]);
      expect((await dormantOn(day(4, 11))).found).toEqual([]);
      expect((await dormantOn(day(6, 1))).found).toEqual([[third.account, day(3, 1), 'no-sign-in']]);
    });

    it('does not know of a merge before it was known', async () =>
      expect((await dormantOn(day(5, 1), merges, { knownAt: 6 })).found).toEqual([
        [third.account, null, 'never-signed-in'],
      ]));

    it('does not judge where that sign-in was taken back and that is lost', async () => {
      const refused = mergedAccounts(at(day(3, 1), signInRefused(first, 'deactivated', { nth: 1 })));
      await told.tell(refused);
      expect((await dormantOn(day(4, 12), refused)).found).toEqual([[third.account, null, 'never-signed-in']]);

      await told.source.database.query('delete from read_model.withdrawn_sign_ins_v1');
      expect(await dormantOn(day(4, 12), refused)).toMatchObject({
        found: [],
        counts: { 'excluded.unknownSignIn': 1 },
      });
    });
  });

  it('goes on from its bookmarks, and withholds who they are', async () => {
    const { cells } = await report({ asOf: WHEN });
    expect((await report({ asOf: WHEN }, '1')).cells).toEqual(cells.slice(1));
    expect((await report({ asOf: WHEN }, '7')).cells).toEqual([]);
    const { rows } = await report({ asOf: WHEN, personal: false });
    expect(JSON.stringify(rows)).not.toMatch(/acme\.example|Okafor|Engineering/);
  });
});
