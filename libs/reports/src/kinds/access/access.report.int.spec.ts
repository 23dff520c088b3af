/** Access at an instant, against a small history told by hand. */
import {
  ada,
  applicationSignedIn,
  aReview,
  assigned,
  bo,
  by,
  byElevation,
  byHand,
  deactivated,
  doneBy,
  elevationApproved,
  elevationId,
  elevationRequested,
  type Fact,
  grantId,
  historyOf,
  itemDecided,
  itemOf,
  olga,
  onEveryDatabase,
  profileUpdated,
  provisioned,
  revoked,
  roleChanged,
  roleDefined,
  signedIn,
  signInId,
  signInRefused,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { privilegedAccessReport } from '../privileged-access/privileged-access.report.js';
import { accessReport } from './access.report.js';

const OKTA = { kind: 'connection', id: 'okta' } as const;
const ADMINS = { privileged: true, risk: 'high', name: 'Administrator' } as const;
/** A role that somebody answers for. */
const owned = (owner: string, { event, ...fact }: Fact): Fact => ({
  ...fact,
  event: (at) => {
    const { type, data } = event(at);
    return { type, data: { ...(data as object), owner } };
  },
});
const item = itemOf(aReview('q'), ada, 'crm.reader');
/** The instant of the event at a position: histories have one a minute. */
const minute = (position: number) => new Date(Date.parse('2026-03-02T08:00:00.000Z') + position * 60_000).toISOString();

const history = historyOf(
  roleDefined('crm.reader', { name: 'Reader' }), // 0
  owned('olga@acme.example', roleDefined('prod.admin', ADMINS)),
  provisioned(olga),
  provisioned(ada), // 3
  signedIn(ada, 'okta', { nth: 1 }),
  doneBy(OKTA, assigned(ada, 'crm.reader', by('okta', 'engineers', { rule: 2 }), { evidence: signInId(ada) })), // 5
  provisioned(bo, { kind: 'external', sponsor: 'olga@acme.example' }),
  assigned(bo, 'crm.reader', byHand(olga)), // 7
  elevationRequested(ada, 'now', [olga, bo], { approvalsNeeded: 2 }),
  elevationApproved(ada, 'now', olga, { complete: false, grant: null, effectiveAt: null, until: null }),
  elevationApproved(ada, 'now', bo, { grant: grantId(ada, 'prod.admin') }), // 10
  assigned(ada, 'prod.admin', byElevation(elevationId(ada, 'now')), { until: minute(40) }), // 11
  itemDecided(item, 'certify', olga), // 12
  itemDecided(item, 'revoke', null, { nth: 2 }), // 13: nobody decided
  applicationSignedIn(ada, 'prod'), // 14
  signedIn(ada, 'okta', { nth: 2 }), // 15
  signInRefused(ada, 'account-deactivated', { nth: 2 }), // 16: the sign-in before does not count
  profileUpdated(ada, { department: 'Research' }), // 17
  roleChanged('crm.reader', { name: 'Reads', privileged: true }), // 18
  revoked(bo, 'crm.reader', { reason: 'left' }), // 19
  provisioned(yusuf),
  assigned(yusuf, 'crm.reader'), // 21
  doneBy({ kind: 'account', id: olga.account }, deactivated(ada)), // 22
);
const LAST = history.length - 1;
const asked = (asOf: number, over: Parameters<typeof askedOf>[1] = {}) =>
  askedOf(history, { asOf: minute(asOf), ...over });

const adaReads = {
  accountId: ada.account,
  userName: 'ada@acme.example',
  displayName: 'Ada Okafor',
  employeeNumber: null,
  employeeType: null,
  department: 'Engineering',
  manager: 'olga@acme.example',
  kind: 'person',
  accountStatus: 'active',
  directory: 'staff',
  application: 'crm',
  role: 'crm.reader',
  roleName: 'Reader',
  privileged: false,
  sourceKind: 'rule',
  connection: 'okta',
  rule: 'engineers',
  ruleVersion: 2,
  grantedAt: minute(5),
  grantedBy: 'connection:okta',
  approvedBy: null,
  reason: null,
  endsAt: null,
  lastSignInAt: minute(4),
  lastReviewedAt: minute(12),
  lastDecision: 'certify',
  position: 5,
};
const adaAdministers = {
  ...adaReads,
  application: 'prod',
  role: 'prod.admin',
  roleName: 'Administrator',
  privileged: true,
  sourceKind: 'elevation',
  connection: null,
  rule: null,
  ruleVersion: null,
  grantedAt: minute(11),
  grantedBy: `elevation:${elevationId(ada, 'now')}`,
  approvedBy: [olga.account, bo.account],
  endsAt: minute(40),
  lastReviewedAt: null,
  lastDecision: null,
  position: 11,
};
const boReads = {
  ...adaReads,
  accountId: bo.account,
  userName: 'bo@acme.example',
  displayName: 'Bo Marchetti',
  department: 'Finance',
  manager: '1001',
  kind: 'external',
  sourceKind: 'manual',
  connection: null,
  rule: null,
  ruleVersion: null,
  grantedAt: minute(7),
  grantedBy: `account:${olga.account}`,
  reason: 'needed for the project',
  endsAt: minute(19),
  lastSignInAt: null,
  lastReviewedAt: null,
  lastDecision: null,
  position: 7,
};

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const rowsAt = async (...question: Parameters<typeof asked>) =>
    (await reportOf(accessReport, told.source, asked(...question))).rows;
  const standsOf = async (...question: Parameters<typeof asked>) =>
    (await rowsAt(...question)).map(({ userName, role }) => `${userName} ${role}`);

  describe('access', () => {
    it('lists every grant that counted, with whose it was, what it gave and why', async () => {
      expect(await rowsAt(16)).toEqual([adaReads, boReads, adaAdministers]);
    });

    it('shows people and roles as they were at the instant', async () => {
      const [now] = await rowsAt(18);
      expect(now).toEqual({ ...adaReads, department: 'Research', roleName: 'Reads', privileged: true });
    });

    it('takes no account of what came after the position', async () => {
      // the withdrawal of the second sign-in and the end of Bo's grant were not known yet
      expect(await rowsAt(18, { knownAt: 15 })).toEqual([
        { ...adaReads, lastSignInAt: minute(15) },
        { ...boReads, endsAt: null },
        { ...adaAdministers, lastSignInAt: minute(15) },
      ]);
      expect(await standsOf(16, { knownAt: 7 })).toEqual(['ada@acme.example crm.reader', 'bo@acme.example crm.reader']);
      expect(await rowsAt(16, { knownAt: -1 })).toEqual([]);
    });

    it('counts nothing of those who are suspended, before the beginning, or at the end', async () => {
      expect(await standsOf(22)).toEqual([]);
      expect(await standsOf(4)).toEqual([]);
      expect(await standsOf(19)).toEqual(['ada@acme.example crm.reader', 'ada@acme.example prod.admin']);
    });

    it.each([
      [{ account: bo.account }, ['bo@acme.example crm.reader']],
      [{ role: 'prod.admin' }, ['ada@acme.example prod.admin']],
      [{ application: 'prod' }, ['ada@acme.example prod.admin']],
      [{ privileged: false }, ['ada@acme.example crm.reader', 'bo@acme.example crm.reader']],
      [{ connection: 'okta' }, ['ada@acme.example crm.reader']],
      [{ department: 'Finance' }, ['bo@acme.example crm.reader']],
      [{ directory: 'guests' }, []],
      [{ account: bo.account, role: 'prod.admin' }, []],
    ])('narrowed to %j lists what fits, and says how many do not', async (filter, expected) => {
      expect(await standsOf(16, { filter })).toEqual(expected);
      expect(await reconciles(accessReport, told.source, asked(16, { filter }))).toEqual([]);
    });

    it('withholds what is personal, and nothing else', async () => {
      const [row] = await rowsAt(16, { personal: false });
      const seen = [...Object.entries(adaReads)].map(([name, value]) => {
        const column = accessReport.columns.find((one) => one.name === name);
        return [name, column?.personal && value !== null ? '[withheld]' : value];
      });
      expect(row).toEqual(Object.fromEntries(seen));
      expect(JSON.stringify(await rowsAt(16, { personal: false }))).not.toMatch(/Okafor|acme\.example|Finance|project/);
    });

    it('says of how many grants it knows, and why some are not listed', async () => {
      const { cells, counts } = await reportOf(accessReport, told.source, asked(19));
      expect(await accessReport.population(told.source, asked(19), { rows: cells.length, counts })).toEqual([
        { of: 'grants', recorded: 3, listed: 2, excluded: { ended: 1 } },
        { of: 'grants ended', recorded: 1, listed: 1, excluded: {} },
        { of: 'events that gave or ended grants', recorded: 4, listed: 4, excluded: {} },
        { of: 'decisions of reviews', recorded: 2, listed: 2, excluded: {} },
        { of: 'sign-ins', recorded: 2, listed: 2, excluded: {} },
      ]);
    });

    it('goes on from a bookmark as if it had never stopped', async () => {
      const whole = await reportOf(accessReport, told.source, asked(16));
      expect(whole.bookmarks).toHaveLength(1);
      const rest = await reportOf(accessReport, told.source, asked(16), `5:${grantId(ada, 'crm.reader')}:0`);
      expect(rest.rows).toEqual([boReads, adaAdministers]);
      expect((await reportOf(accessReport, told.source, asked(16), whole.bookmarks[0])).rows).toEqual([]);
    });

    it('does not reconcile when a grant is missing from the read model', async () => {
      await told.source.database.query('delete from read_model.grants_v1 where account = $1', [bo.account]);
      const question = asked(16);
      expect(await reconciles(accessReport, told.source, question)).toEqual([
        JSON.stringify({ of: 'grants', recorded: 3, listed: 2, excluded: {} }),
        JSON.stringify({ of: 'grants ended', recorded: 1, listed: 0, excluded: {} }),
      ]);
    });

    it('does not reconcile when the read model has lost the end of a grant, although it lists what had ended', async () => {
      const end = 'update read_model.grants_v1 set valid_to = null, revoked_pos = null where account = $1';
      await told.source.database.query(end, [bo.account]);
      expect(await standsOf(19)).toContain('bo@acme.example crm.reader');
      expect(await reconciles(accessReport, told.source, asked(19))).toEqual([
        JSON.stringify({ of: 'grants ended', recorded: 1, listed: 0, excluded: {} }),
      ]);
    });

    it('lists nobody as active whose deactivation the read model has lost, and says that it does not know them', async () => {
      const lost = `delete from read_model.account_history_v2 where account = $1 and status = 'deactivated'`;
      await told.source.database.query(lost, [ada.account]);
      const { rows, counts } = await reportOf(accessReport, told.source, asked(LAST));
      expect(rows).toEqual([]);
      expect(counts).toMatchObject({ 'excluded.unknownAccount': 2 });
    });

    it('does not take a role for what it was before a change that is lost', async () => {
      await told.source.database.query(`delete from read_model.roles_v1 where role = 'crm.reader' and privileged`);
      const flags = async (kind: typeof accessReport, filter = {}) =>
        (await reportOf(kind, told.source, asked(18, { filter }))).counts;
      expect(await flags(accessReport)).toMatchObject({ 'flag.unknownRole': 2 });
      expect(await flags(privilegedAccessReport)).toMatchObject({ 'flag.unknownRole': 2 });
      // nor does a filter hide what it cannot judge
      expect(await flags(accessReport, { privileged: true })).toMatchObject({ 'excluded.unknownRole': 2 });
      expect(await flags(accessReport, { application: 'prod' })).toMatchObject({ 'excluded.unknownRole': 2 });
    });

    it.each([accessReport, privilegedAccessReport])(
      '$kind says that it does not know who gave a grant, or who decided about it',
      async (kind) => {
        await told.source.database.query('delete from read_model.grant_origins_v1');
        await told.source.database.query('delete from read_model.review_decisions_v1 where position = 13');
        const { cells, counts } = await reportOf(kind, told.source, asked(16));
        expect(counts).toMatchObject({ 'flag.unknownOrigin': cells.length });
        expect(await reconciles(kind, told.source, asked(16))).toEqual([
          JSON.stringify({ of: 'decisions of reviews', recorded: 2, listed: 1, excluded: {} }),
        ]);
      },
    );

    it('does not reconcile when the tally has missed an event of the log', async () => {
      await told.source.database.query('delete from read_model.grant_counts_v1 where position = 7');
      expect(await reconciles(accessReport, told.source, asked(16))).toHaveLength(2);
    });

    it('says that it does not know an account or a role, and does not leave that out in silence', async () => {
      await told.source.database.query('delete from read_model.account_history_v2 where account = $1', [bo.account]);
      await told.source.database.query(`delete from read_model.roles_v1 where role = 'prod.admin'`);
      const { counts, rows } = await reportOf(accessReport, told.source, asked(16));
      expect(counts).toMatchObject({ 'excluded.unknownAccount': 1, 'flag.unknownRole': 1, 'application.crm': 1 });
      expect(rows.map(({ application }) => application)).toEqual(['crm', null]);
    });
  });

  describe('privileged access', () => {
    it('lists privileged roles alone, with who answers for them and when they were used', async () => {
      const { rows, counts } = await reportOf(privilegedAccessReport, told.source, asked(16));
      expect(rows).toEqual([
        {
          ...adaAdministers,
          risk: 'high',
          roleOwner: 'olga@acme.example',
          sponsor: null,
          lastUsedAt: minute(14),
          lastUseSource: 'op',
        },
      ]);
      expect(counts).toMatchObject({ 'excluded.notPrivileged': 2 });
      expect(await reconciles(privilegedAccessReport, told.source, asked(16))).toEqual([]);
    });

    it('knows of no use before it was told of one', async () => {
      const known = { knownAt: 13 };
      const { rows } = await reportOf(privilegedAccessReport, told.source, asked(16, known));
      expect(rows).toEqual([expect.objectContaining({ role: 'prod.admin', lastUsedAt: null, lastUseSource: null })]);
    });

    it('does not reconcile when a sign-in to an application is not known as a use', async () => {
      await told.source.database.query('delete from read_model.recorded_uses_v1 where position = 14');
      expect(await reconciles(privilegedAccessReport, told.source, asked(16))).toEqual([
        JSON.stringify({ of: 'sign-ins to applications', recorded: 1, listed: 0, excluded: {} }),
      ]);
      expect(await reconciles(privilegedAccessReport, told.source, asked(13))).toEqual([]);
    });

    it('lists a role from when it is privileged', async () => {
      const { rows } = await reportOf(privilegedAccessReport, told.source, asked(18));
      expect(rows.map(({ role }) => role)).toEqual(['crm.reader', 'crm.reader', 'prod.admin']);
    });
  });

  it('tells nothing of other tenants', async () => {
    const { rows } = await reportOf(accessReport, told.source, asked(LAST, { tenant: 'globex' }));
    expect(rows.map(({ userName }) => userName)).toEqual([yusuf.profile.userName]);
    expect(await reconciles(accessReport, told.source, asked(LAST, { tenant: 'globex' }))).toEqual([]);
  });
});
