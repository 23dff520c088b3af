import type { PolicySettings } from '#libs/contracts';
import {
  ada,
  assigned,
  at,
  bo,
  byHand,
  Chronicle,
  deactivated,
  exceptionEnded,
  exceptionGranted,
  exceptionId,
  findingAccepted,
  findingAssigned,
  findingId,
  findingResolved,
  grantId,
  keptBack,
  olga,
  onEveryDatabase,
  type Person,
  person,
  provisioned,
  revoked,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { sodReport } from './sod.report.js';

/** Goal: who held what must not be held together on a day, why, and who answers for it; nothing on record goes unmentioned. */

const eve = person('Eve', 'Lund');
const gus = person('Gus', 'Gone');
const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T08:00:00.000Z`;
const NEXT_YEAR = '2027-01-01T00:00:00.000Z';
const WHEN = day(20);

const rules: PolicySettings = {
  kind: 'sod',
  roles: [['pay.create'], ['pay.approve']],
  mode: 'detective',
  owner: 'olga@acme.example',
};
const policy = (type: string, data: object) => ({
  category: 'policy',
  tenant: 'acme',
  id: 'maker-checker',
  event: () => ({ type, data: { policy: 'maker-checker', reason: null, ...data } }),
});
const defined = (settings = rules) => policy('PolicyDefined', { settings, enabled: true, managedBy: 'api' });

const detected = (who: Person, nth = 1, roles = ['pay.create', 'pay.approve']) => ({
  category: 'finding',
  tenant: who.tenant,
  id: findingId(who.account),
  event: () => ({
    type: 'SodViolationDetected',
    data: {
      finding: findingId(who.account),
      policy: 'maker-checker',
      policyVersion: 1,
      account: who.account,
      held: roles.map((role) => ({ role, grant: grantId(who, role, nth), event: null })),
      owner: olga.account,
    },
  }),
});

const both = (who: Person) => [assigned(who, 'pay.create'), assigned(who, 'pay.approve', byHand(olga))];
const conflict = {
  policy: 'maker-checker',
  policyVersion: 1,
  keptBack: [{ role: 'pay.approve', rule: 'approvers', ruleVersion: 2 }],
  held: ['pay.create'],
};

const history = new Chronicle().record(
  at(day(2), defined()), // 0
  ...[ada, bo, olga, eve, gus, yusuf].map((who) => provisioned(who)), // 1 to 6
  ...both(ada), // 7, 8
  detected(ada), // 9
  ...both(bo), // 10, 11
  detected(bo), // 12
  at(day(3), exceptionGranted(bo, 'august', NEXT_YEAR)), // 13
  ...both(eve), // 14, 15
  detected(eve), // 16
  at(day(4), findingAccepted(eve.account, olga, day(25))), // 17
  ...both(gus), // 18, 19
  detected(gus), // 20
  at(day(5), deactivated(gus)), // 21
  exceptionGranted(olga, 'spare', NEXT_YEAR), // 22
  assigned(olga, 'pay.create'), // 23
  at(day(6), keptBack(olga, [conflict])), // 24
  at(day(7), keptBack(eve, [])), // 25
  ...both(yusuf), // 26, 27
  at(day(28), revoked(ada, 'pay.approve')), // 28
  findingResolved(ada.account), // 29
  exceptionEnded(bo, 'august'), // 30
);

/** What people decided about conflicts that have become others since: of the six, the first three are still what was decided about. */
const changed = (name: string) => person(name, 'Changed');
const [ida, jon, kim] = [changed('Ida'), changed('Jon'), changed('Kim')];
const [lea, max, nia] = [changed('Lea'), changed('Max'), changed('Nia')];
const three = { ...rules, roles: [['pay.create'], ['pay.approve', 'pay.release']] };
const RELEASE = { sets: [['pay.create'], ['pay.release']] };
const accepts = (who: Person) => [...both(who), detected(who), findingAccepted(who.account, olga, day(25))];
const closes = (who: Person) => [...both(who), detected(who), findingResolved(who.account, { code: 'by-hand' })];
const again = (who: Person) => [revoked(who, 'pay.approve'), assigned(who, 'pay.approve', byHand(bo), { nth: 2 })];
const changedSince = new Chronicle().record(
  at(day(2), defined(three)),
  ...[olga, bo, ida, jon, kim, lea, max, nia].map((who) => provisioned(who)),
  ...[...accepts(ida), ...again(ida)], // other grants, the same roles
  ...closes(jon),
  ...[...accepts(kim), assigned(kim, 'pay.release'), exceptionGranted(kim, 'x', NEXT_YEAR, RELEASE)],
  ...[...accepts(lea), assigned(lea, 'pay.release')],
  ...[...closes(max), ...again(max)],
  ...[...closes(nia), assigned(nia, 'pay.release')],
);

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const report = (over: Parameters<typeof askedOf>[1] = {}, after: string | null = null) =>
    reportOf(sodReport, told.source, askedOf(history, { asOf: WHEN, ...over }), after);
  const statuses = async (over: Parameters<typeof askedOf>[1] = {}) =>
    (await report(over)).rows.map(({ account, status }) => [account, status]);
  const populations = async (over: Parameters<typeof askedOf>[1] = {}) => {
    const { rows, counts } = await report(over);
    return sodReport.population(told.source, askedOf(history, { asOf: WHEN, ...over }), { rows: rows.length, counts });
  };

  it('tells who held what against the policy, what was prevented, and which exception nobody needs', async () =>
    expect(await statuses()).toEqual([
      [ada.account, 'open'],
      [bo.account, 'excepted'],
      [eve.account, 'accepted'],
      [olga.account, 'prevented'],
      [olga.account, 'exceptionUnused'],
    ]));

  it('tells both chains of why', async () => {
    const { rows } = await report();
    expect(rows[0]).toEqual({
      status: 'open',
      policy: 'maker-checker',
      policyVersion: 1,
      mode: 'detective',
      policyOwner: 'olga@acme.example',
      account: ada.account,
      userName: 'ada@acme.example',
      displayName: 'Ada Okafor',
      department: 'Engineering',
      roles: ['pay.approve', 'pay.create'],
      since: history[8]?.recordedAt,
      firstRole: 'pay.create',
      firstGrant: grantId(ada, 'pay.create'),
      firstSource: 'rule okta/engineers@1',
      firstEvent: history[7]?.id,
      secondRole: 'pay.approve',
      secondGrant: grantId(ada, 'pay.approve'),
      secondSource: `manual account:${olga.account}`,
      secondEvent: history[8]?.id,
      grants: [grantId(ada, 'pay.approve'), grantId(ada, 'pay.create')],
      keptBack: [],
      connection: null,
      finding: findingId(ada.account),
      detectedAt: history[9]?.recordedAt,
      findingOwner: olga.account,
      acceptedUntil: null,
      acceptedBy: null,
      acceptReason: null,
      exception: null,
      exceptionOwner: null,
      compensatingControl: null,
      exceptionUntil: null,
      exceptionGrantedBy: null,
      exceptionReason: null,
      event: history[9]?.id,
      position: 8,
    });
  });

  it('tells who answers for what is allowed to stand, under which control, until when', async () => {
    const { rows } = await report();
    expect(rows[1]).toMatchObject({
      exception: exceptionId(bo, 'august'),
      exceptionOwner: 'olga@acme.example',
      compensatingControl: 'Every payment is looked at by a second person',
      exceptionUntil: NEXT_YEAR,
      exceptionReason: 'the only accountant in August',
    });
    expect(rows[2]).toMatchObject({ acceptedUntil: day(25), acceptedBy: olga.account, acceptReason: 'on leave' });
    expect(rows[3]).toMatchObject({
      roles: ['pay.create'],
      keptBack: ['pay.approve by approvers@2'],
      connection: 'okta',
      since: day(6),
      event: history[24]?.id,
      firstGrant: null,
    });
  });

  it('accounts for everything that is on record', async () => {
    expect(await populations()).toEqual([
      { of: 'violations on record', recorded: 4, listed: 3, excluded: { notHeld: 1 } },
      { of: 'conflicts that sign-ins reported', recorded: 2, listed: 1, excluded: { nothingKeptBack: 1 } },
      { of: 'exceptions', recorded: 2, listed: 2, excluded: {} },
      { of: 'grants with their histories', recorded: 9, listed: 9, excluded: {} },
      { of: 'events that gave or ended grants', recorded: 10, listed: 10, excluded: {} },
    ]);
    for (const filter of [
      { account: bo.account },
      { role: 'pay.create' },
      { role: 'crm.reader' },
      { policy: 'another' },
    ])
      expect(await reconciles(sodReport, told.source, askedOf(history, { asOf: WHEN, filter }))).toEqual([]);
  });

  it('changes as acceptances and exceptions end, and roles go', async () => {
    expect(await statuses({ asOf: day(29) })).toEqual([
      [bo.account, 'open'],
      [eve.account, 'open'],
      [olga.account, 'prevented'],
      [olga.account, 'exceptionUnused'],
    ]);
    expect((await populations({ asOf: day(29) }))[0]).toMatchObject({
      listed: 2,
      excluded: { notHeld: 1, resolved: 1 },
    });
  });

  it('knows nothing of what came later', async () => {
    expect(await statuses({ knownAt: 12 })).toEqual([
      [ada.account, 'open'],
      [bo.account, 'open'],
    ]);
    const { rows, counts } = await report({ knownAt: 8 });
    expect(rows).toMatchObject([
      { account: ada.account, status: 'open', finding: null, detectedAt: null, event: null },
    ]);
    expect(counts).toMatchObject({ 'flag.notOnRecord': 1 });
    expect(await statuses({ asOf: history[7]?.recordedAt ?? '' })).toEqual([]);
  });

  it.each([
    { filter: { account: eve.account }, found: ['accepted'] },
    { filter: { policy: 'maker-checker' }, found: ['open', 'excepted', 'accepted', 'prevented', 'exceptionUnused'] },
    { filter: { policy: 'another' }, found: [] },
  ])('answers for $filter alone', async ({ filter, found }) =>
    expect((await statuses({ filter })).map(([, status]) => status)).toEqual(found),
  );

  it('says that a grant is missing which a finding names', async () => {
    const grant = grantId(ada, 'pay.approve');
    await told.source.database.query('delete from read_model.grants_v1 where grant_id = $1', [grant]);

    const { counts } = await report();
    expect(counts).toMatchObject({ 'flag.unknownGrant': 1, 'violations.excluded.notHeld': 2 });
  });

  describe('when what is held has become something else', () => {
    beforeEach(() => told.tell(changedSince));
    const now = askedOf(changedSince, { asOf: WHEN });

    it('takes nothing for accepted or closed that nobody decided about', async () => {
      const { rows, counts } = await reportOf(sodReport, told.source, now);

      const by = { finding: expect.any(String), acceptedBy: olga.account, acceptReason: 'on leave' };
      const nobody = { finding: null, findingOwner: null, acceptedBy: null, acceptReason: null, event: null };
      const found = new Map(rows.map((row) => [row['account'], row]));
      expect(found.get(ida.account)).toMatchObject({ status: 'accepted', ...by });
      expect(found.get(jon.account)).toMatchObject({ status: 'closedByHand', finding: findingId(jon.account) });
      expect(found.get(kim.account)).toMatchObject({ status: 'accepted', ...by });
      expect(found.get(lea.account)).toMatchObject({ status: 'open', ...nobody });
      expect(found.get(max.account)).toMatchObject({ status: 'open', ...nobody });
      expect(found.get(nia.account)).toMatchObject({ status: 'open', ...nobody });
      expect(counts).toMatchObject({ 'status.open': 3, 'flag.notOnRecord': 3 });
    });

    it('says of which violations on record it does not tell, and why', async () => {
      const { rows, counts } = await reportOf(sodReport, told.source, now);
      const [violations] = await sodReport.population(told.source, now, { rows: rows.length, counts });

      expect(violations).toEqual({ of: 'violations on record', recorded: 6, listed: 3, excluded: { changed: 3 } });
    });
  });

  it.each([
    { between: findingAccepted(ada.account, olga, day(10)), when: 'an acceptance had ended', owner: bo },
    { between: findingResolved(ada.account), when: 'it had been resolved', owner: olga },
  ])('names as the one who answers for what was detected again when $when whom the finding knows', async (again) => {
    const story = new Chronicle().record(
      ...[at(day(2), defined()), ...[ada, bo, olga].map((who) => provisioned(who)), ...both(ada)],
      ...[detected(ada), findingAssigned(ada.account, bo), again.between, at(day(11), detected(ada))],
    );
    await told.tell(story);
    const { rows } = await reportOf(sodReport, told.source, askedOf(story, { asOf: WHEN }));
    expect(rows).toMatchObject([{ status: 'open', findingOwner: again.owner.account }]);
  });

  it('goes on behind an exception that was granted anew after many others', async () => {
    // given more exceptions than are looked at together, of which the last of the first ones was granted anew when all others had been
    const words = Array.from({ length: 202 }, (_, n) => `exception ${n}`);
    const anew = [exceptionEnded(ada, 'exception 199'), exceptionGranted(ada, 'exception 199', NEXT_YEAR)];
    const many = new Chronicle().record(
      defined(),
      provisioned(ada),
      ...words.map((word) => exceptionGranted(ada, word, NEXT_YEAR)),
      ...anew,
    );
    await told.tell(many);
    const asked = askedOf(many, { asOf: WHEN });
    // when whoever had taken the first ones goes on
    const { cells, bookmarks } = await reportOf(sodReport, told.source, asked);
    const [first] = bookmarks.filter((bookmark) => bookmark.startsWith('exceptions '));
    const rest = await reportOf(sodReport, told.source, asked, first);
    // then the others follow
    expect(cells).toHaveLength(202);
    expect(rest.cells).toEqual(cells.slice(200));
  });

  it('goes on from each of its bookmarks', async () => {
    const { cells, bookmarks } = await report();
    const found: number[] = [];
    for (const bookmark of bookmarks) {
      const rest = (await report({}, bookmark)).cells;
      expect(rest).toEqual(cells.slice(cells.length - rest.length));
      found.push(rest.length);
    }
    // one batch for each of the two roles, and one for each of the other three walks
    expect(found).toEqual([2, 2, 1, 0, 0]);
  });

  it('withholds who they are and what they wrote', async () => {
    const { rows } = await report({ personal: false });
    expect(rows[1]).toMatchObject({ policyOwner: '[withheld]', compensatingControl: '[withheld]', acceptReason: null });
    expect(JSON.stringify(rows)).not.toMatch(/acme\.example|Okafor|accountant|payment|on leave/);
  });
});
