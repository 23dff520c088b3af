import {
  ada,
  aReview,
  assigned,
  at,
  bo,
  by,
  byHand,
  Chronicle,
  confirmed,
  deactivated,
  decisionId,
  doneBy,
  grantId,
  historyOf,
  itemDecided,
  itemOf,
  olga,
  onEveryDatabase,
  provisioned,
  reduced,
  revoked,
  roleDefined,
  signedIn,
  signInId,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { revocationsReport } from './revocations.report.js';

const minute = (n: number) => new Date(Date.parse('2026-03-02T08:00:00.000Z') + n * 60_000).toISOString();
const item = itemOf(aReview('quarterly'), bo, 'crm.admin');

const roleWithheld = {
  category: 'account',
  tenant: 'acme',
  id: bo.account,
  event: () => ({
    type: 'RoleWithheld',
    data: {
      account: bo.account,
      role: 'crm.admin',
      rules: ['okta/admins@1'],
      matched: null,
      from: null,
      decision: decisionId(item),
      reason: 'not needed for the work',
    },
  }),
};

function story() {
  const chronicle = new Chronicle();
  chronicle.record(
    roleDefined('crm.reader', { name: 'Reader' }),
    roleDefined('crm.admin', { name: 'Administrator', privileged: true }),
    provisioned(ada),
    provisioned(bo),
    assigned(ada, 'crm.reader', by('okta', 'engineers', { rule: 2 })), // 4
    assigned(ada, 'crm.admin', byHand(olga)),
    assigned(bo, 'crm.admin', by('okta', 'admins')),
    signedIn(ada, 'okta', { nth: 2 }), // 7
    revoked(ada, 'crm.reader', { code: 'rule-no-longer-matches', evidence: signInId(ada, 2) }), // 8
    itemDecided(item, 'revoke', olga), // 9
    revoked(bo, 'crm.admin', { code: 'review', evidence: decisionId(item), reason: 'not needed for the work' }), // 10
    roleWithheld, // 11
    reduced(ada, 'crm.admin', '2026-04-01T00:00:00.000Z', { decision: decisionId(item, 2) }), // 12
    doneBy({ kind: 'account', id: olga.account }, deactivated(ada)), // 13
    deactivated(bo), // 14: holds nothing any more
    provisioned(yusuf),
    assigned(yusuf, 'crm.reader'),
    revoked(yusuf, 'crm.reader'),
  );
  return chronicle.events;
}

const history = story();

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('lists what was taken, grant by grant', async () => {
    const { rows } = await reportOf(revocationsReport, told.source, askedOf(history));

    expect(rows.map(({ what, account, role, code, position }) => [what, account, role, code, position])).toEqual([
      ['revoked', ada.account, 'crm.reader', 'rule-no-longer-matches', 8],
      ['revoked', bo.account, 'crm.admin', 'review', 10],
      ['withheld', bo.account, 'crm.admin', 'withheld', 11],
      ['reduced', ada.account, 'crm.admin', 'reduced', 12],
      ['suspended', ada.account, 'crm.admin', 'deactivated', 13],
    ]);
  });

  it('tells where a grant came from, and on what evidence it ended', async () => {
    const { rows } = await reportOf(revocationsReport, told.source, askedOf(history));

    expect(rows[0]).toEqual({
      recordedAt: '2026-03-02T08:08:00.000Z',
      what: 'revoked',
      account: ada.account,
      userName: 'ada@acme.example',
      grant: grantId(ada, 'crm.reader'),
      role: 'crm.reader',
      roleName: 'Reader',
      application: 'crm',
      privileged: false,
      code: 'rule-no-longer-matches',
      effectiveAt: '2026-03-02T08:08:00.000Z',
      reason: null,
      evidenceEvent: signInId(ada, 2),
      evidence: 'SignedIn',
      review: null,
      reviewItem: null,
      decidedBy: null,
      sourceKind: 'rule',
      connection: 'okta',
      rule: 'engineers',
      ruleVersion: 2,
      grantedAt: '2026-03-02T08:04:00.000Z',
      grantedEvent: history[4]?.id,
      by: expect.stringMatching(/^system:/),
      event: history[8]?.id,
      position: 8,
    });
  });

  it('tells which review decided, and who', async () => {
    const { rows } = await reportOf(revocationsReport, told.source, askedOf(history));

    const decided = {
      evidence: 'ReviewDecisionRecorded',
      review: item.review,
      reviewItem: item.item,
      decidedBy: olga.account,
    };
    expect(rows[1]).toMatchObject({ ...decided, reason: 'not needed for the work' });
    expect(rows[2]).toMatchObject({ ...decided, grant: null });
    expect(rows[3]).toMatchObject({ effectiveAt: '2026-04-01T00:00:00.000Z', evidence: null });
  });

  it('counts by application, and has every grant that ended', async () => {
    const { counts } = await reportOf(revocationsReport, told.source, askedOf(history));

    expect(counts).toMatchObject({ 'application.crm': 5, 'rows.revoked': 2, 'excluded.accountHeldNothing': 1 });
    expect(await reconciles(revocationsReport, told.source, askedOf(history))).toEqual([]);
  });

  it('answers for a role alone', async () => {
    const question = askedOf(history, { filter: { role: 'crm.reader' } });
    const { rows } = await reportOf(revocationsReport, told.source, question);

    expect(rows.map(({ position }) => position)).toEqual([8]);
    expect(await reconciles(revocationsReport, told.source, question)).toEqual([]);
  });

  it('says so when a grant is missing from the read model', async () => {
    await told.source.database.query('delete from read_model.grants_v1 where grant_id = $1', [
      grantId(ada, 'crm.reader'),
    ]);

    const { rows, counts } = await reportOf(revocationsReport, told.source, askedOf(history));

    expect(rows[0]).toMatchObject({ grant: grantId(ada, 'crm.reader'), sourceKind: null });
    expect(counts['flag.unknownGrant']).toBe(1);
  });

  it('withholds names and reasons', async () => {
    const { rows } = await reportOf(revocationsReport, told.source, askedOf(history, { personal: false }));

    expect(rows[1]).toMatchObject({ userName: '[withheld]', reason: '[withheld]', role: 'crm.admin' });
    expect(JSON.stringify(rows)).not.toMatch(/acme\.example|not needed|on leave/);
  });

  it('counts what ended at a time set beforehand, which no event took', async () => {
    // given an account and grants with ends; one of them revoked, one moved behind the period, one of another application
    const end = (minutes: number) => ({ until: minute(minutes) });
    const ending = historyOf(
      roleDefined('crm.reader'),
      roleDefined('crm.admin'),
      roleDefined('prod.admin'),
      provisioned(ada, { expiresAt: minute(20) }),
      provisioned(bo),
      assigned(ada, 'crm.reader', byHand(olga)),
      assigned(ada, 'crm.admin', byHand(olga), end(15)),
      assigned(bo, 'crm.reader', byHand(olga), end(16)),
      assigned(bo, 'crm.admin', byHand(olga), end(17)),
      assigned(bo, 'prod.admin', byHand(olga), end(18)),
      confirmed(bo, 'crm.admin', minute(60)), // 10
      revoked(bo, 'crm.reader', { code: 'lease-expired', effectiveAt: minute(16) }),
      at(minute(30), deactivated(ada)), // 12: past her end
    );
    await told.tell(ending);
    const figuresOf = async (over: Parameters<typeof askedOf>[1]) => {
      const question = askedOf(ending, over);
      const { cells, counts } = await reportOf(revocationsReport, told.source, question);
      expect(await reconciles(revocationsReport, told.source, question)).toEqual([]);
      return { counts, ...(await revocationsReport.summary?.(told.source, question, { rows: cells.length, counts })) };
    };

    // when each period is asked about, then what ended in it is counted, and a deactivation afterwards took nothing
    expect(await figuresOf({})).toMatchObject({
      grantsEndedByTime: 2,
      accountsEndedByTime: 1,
      counts: { 'excluded.accountHeldNothing': 1 },
    });
    expect(await figuresOf({ from: minute(15), asOf: minute(19) })).toMatchObject({
      grantsEndedByTime: 1,
      accountsEndedByTime: 0,
    });
    expect(await figuresOf({ filter: { account: bo.account } })).toMatchObject({
      grantsEndedByTime: 1,
      accountsEndedByTime: 0,
    });
    for (const filter of [{ application: 'crm' }, { role: 'crm.admin' }])
      expect(await figuresOf({ filter })).toMatchObject({ grantsEndedByTime: 1, accountsEndedByTime: null });
  });
});
