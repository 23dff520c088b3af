/** What changed in a period, against a small history told by hand. */
import {
  ada,
  assigned,
  at,
  bo,
  by,
  byHand,
  confirmed,
  deactivated,
  doneBy,
  historyOf,
  olga,
  onEveryDatabase,
  provisioned,
  reactivated,
  reduced,
  revoked,
  roleDefined,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { accessChangesReport } from './access-changes.report.js';
import { balanceOf } from './control-totals.js';

const OKTA = { kind: 'connection', id: 'okta' } as const;
const OLGA = { kind: 'account', id: olga.account } as const;
const minute = (position: number) => new Date(Date.parse('2026-03-02T08:00:00.000Z') + position * 60_000).toISOString();

const history = historyOf(
  roleDefined('crm.reader'),
  roleDefined('crm.admin', { privileged: true }),
  roleDefined('prod.admin', { privileged: true }),
  provisioned(ada), // 3
  provisioned(bo), // 4
  doneBy(OKTA, assigned(ada, 'crm.reader', by('okta', 'engineers', { rule: 2 }))), // 5
  assigned(bo, 'crm.admin', byHand(olga)), // 6
  doneBy(OKTA, assigned(bo, 'crm.reader', by('okta', 'engineers'), { until: minute(12) })), // 7
  doneBy(OLGA, deactivated(ada)), // 8
  doneBy(OKTA, confirmed(bo, 'crm.reader', minute(16))), // 9
  doneBy(OLGA, reactivated(ada)), // 10
  doneBy(OLGA, reduced(bo, 'crm.admin', minute(14))), // 11
  doneBy(OKTA, revoked(ada, 'crm.reader', { code: 'rule-no-longer-matches' })), // 12
  assigned(ada, 'prod.admin', byHand(olga), { until: minute(18) }), // 13
  provisioned(yusuf),
  assigned(yusuf, 'crm.reader'), // 15
  provisioned(olga), // 16
  revoked(ada, 'prod.admin', { code: 'by-hand', effectiveAt: minute(17), reason: 'done' }), // 17
);
const asked = (from: number | null, asOf: number, over: Parameters<typeof askedOf>[1] = {}) =>
  askedOf(history, { from: from === null ? null : minute(from), asOf: minute(asOf), ...over });

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const made = async (...period: Parameters<typeof asked>) => {
    const question = asked(...period);
    const { rows, cells, counts } = await reportOf(accessChangesReport, told.source, question);
    const summary = await accessChangesReport.summary?.(told.source, question, { rows: cells.length, counts });
    return { rows, counts, summary };
  };
  const toldIn = async (...period: Parameters<typeof asked>) =>
    (await made(...period)).rows.map(
      ({ change, effectiveAt, role, because, position }) =>
        `${change} ${role} at ${(Date.parse(String(effectiveAt)) - Date.parse(minute(0))) / 60_000}: ${because} (${position})`,
    );

  it('lists what was gained, lost and changed, grant by grant, each with the event behind it', async () => {
    expect(await toldIn(4, 17)).toEqual([
      'gained crm.reader at 5: granted (5)',
      'lost crm.reader at 8: account-deactivated (8)',
      'gained crm.reader at 10: account-reactivated (10)',
      'lost crm.reader at 12: rule-no-longer-matches (12)',
      'gained crm.admin at 6: granted (6)',
      'changed crm.admin at 11: reduced (11)',
      'lost crm.admin at 14: reduced (11)',
      'gained crm.reader at 7: granted (7)',
      'changed crm.reader at 9: confirmed (9)',
      'lost crm.reader at 16: expired (9)',
      'gained prod.admin at 13: granted (13)',
      'lost prod.admin at 17: by-hand (17)',
    ]);
  });

  it('says of each whose it was, who caused it and why', async () => {
    const { rows } = await made(7, 11);
    expect(rows).toEqual([
      expect.objectContaining({
        change: 'lost',
        effectiveAt: minute(8),
        accountId: ada.account,
        userName: 'ada@acme.example',
        application: 'crm',
        rule: 'engineers',
        ruleVersion: 2,
        because: 'account-deactivated',
        by: `account:${olga.account}`,
        reason: 'on leave',
        recordedAt: minute(8),
        event: history[8]?.id,
      }),
      expect.objectContaining({ change: 'gained', because: 'account-reactivated', reason: 'back' }),
      expect.objectContaining({
        change: 'changed',
        role: 'crm.admin',
        endBefore: null,
        endAfter: minute(14),
        reason: 'until the project ends',
      }),
      expect.objectContaining({ change: 'changed', role: 'crm.reader', endBefore: minute(12), endAfter: minute(16) }),
    ]);
  });

  it('leaves out what happened at its beginning, and has what happened at its end', async () => {
    expect(await toldIn(5, 6)).toEqual(['gained crm.admin at 6: granted (6)']);
    expect(await toldIn(6, 6)).toEqual([]);
  });

  it('balances: what was there, what came and what went make what is there', async () => {
    expect((await made(6, 13)).summary).toEqual({
      opening: 2,
      gained: 3,
      lost: 2,
      closing: 3,
      unbalancedApplications: 0,
      recordedLate: 0,
      'of crm': '2 + 2 gained − 2 lost = 2',
      'of prod': '0 + 1 gained − 0 lost = 1',
    });
    expect((await made(null, 17)).summary).toMatchObject({ opening: 0, gained: 5, lost: 5, closing: 0 });
  });

  it('says how many changes an earlier report could not know, since they were recorded later than they took effect', async () => {
    // given what was recorded after minute 10: a loss at 9, a gain at 10, an end at 8 that had been set before, and a loss in the period
    const late = historyOf(
      roleDefined('crm.reader'),
      roleDefined('crm.admin'),
      roleDefined('prod.admin'),
      provisioned(ada),
      provisioned(bo),
      assigned(ada, 'crm.reader', byHand(olga)), // 5
      assigned(bo, 'crm.reader', byHand(olga), { until: minute(8) }),
      assigned(bo, 'crm.admin', byHand(olga)), // 7
      at(minute(11), revoked(ada, 'crm.reader', { code: 'elevation-ended', effectiveAt: minute(9) })), // 8
      revoked(bo, 'crm.reader', { code: 'lease-expired', effectiveAt: minute(8) }), // 9
      assigned(ada, 'prod.admin', byHand(olga), { from: minute(10) }), // 10
      revoked(bo, 'crm.admin', { code: 'by-hand', effectiveAt: minute(11) }),
    );
    await told.tell(late);
    const summaryOf = async (over: Parameters<typeof askedOf>[1]) => {
      const question = askedOf(late, over);
      const { cells, counts } = await reportOf(accessChangesReport, told.source, question);
      return accessChangesReport.summary?.(told.source, question, { rows: cells.length, counts });
    };

    // when the time before is reported as it was known then, and the time after as it is known now
    const before = await summaryOf({ asOf: minute(10), knownAt: 7 });
    const after = await summaryOf({ from: minute(10) });

    // then the closing of the one is not the opening of the other, and both sides of the difference are counted
    expect(before).toMatchObject({ closing: 2, recordedLate: 0 });
    expect(after).toMatchObject({ opening: 2, lost: 1, closing: 1, recordedLate: 2, unbalancedApplications: 0 });
    expect(await summaryOf({ from: minute(10), knownAt: 9 })).toMatchObject({ opening: 1, recordedLate: 1 });
    expect(await summaryOf({ from: minute(10), filter: { role: 'prod.admin' } })).toMatchObject({ recordedLate: 1 });
    expect(await summaryOf({ from: minute(11), filter: { role: 'crm.admin' } })).toMatchObject({ recordedLate: 1 });
  });

  it('does not balance when a change is missing', async () => {
    const { counts } = await made(6, 13);
    const broken = { ...counts, 'lost.crm': 1 };
    expect(await balanceOf(told.source, asked(6, 13), { counts: broken })).toMatchObject({
      unbalancedApplications: 1,
      'of crm': '2 + 2 gained − 1 lost ≠ 2',
    });
  });

  it('takes no account of what came after the position', async () => {
    expect(await toldIn(6, 17, { knownAt: 8 })).toEqual([
      'lost crm.reader at 8: account-deactivated (8)',
      'gained crm.reader at 7: granted (7)',
      'lost crm.reader at 12: expired (7)',
    ]);
  });

  it.each([
    [{ account: bo.account }, 6],
    [{ role: 'crm.reader' }, 7],
    [{ application: 'prod' }, 2],
    [{ privileged: true }, 5],
    [{ connection: 'okta' }, 7],
  ])('narrowed to %j reconciles and balances', async (filter, rows) => {
    const report = await made(4, 17, { filter });
    expect(report.rows).toHaveLength(rows);
    expect(report.summary).toMatchObject({ unbalancedApplications: 0 });
    expect(await reconciles(accessChangesReport, told.source, asked(4, 17, { filter }))).toEqual([]);
  });

  it('withholds reasons and names', async () => {
    const { rows } = await made(4, 17, { personal: false });
    expect(JSON.stringify(rows)).not.toMatch(/Okafor|acme\.example|Engineering|leave|project/);
    expect(rows[1]).toMatchObject({ change: 'lost', reason: '[withheld]', userName: '[withheld]' });
  });

  it('goes on from the middle of a grant as if it had never stopped', async () => {
    const question = asked(4, 17);
    const whole = await reportOf(accessChangesReport, told.source, question);
    const rest = await reportOf(accessChangesReport, told.source, question, '::3');
    expect(rest.cells).toEqual(whole.cells.slice(3));
    expect(rest.counts).toEqual(whole.counts);
  });

  it('flags nothing of a history that is whole', async () => {
    const { counts } = await made(null, 17);
    expect(Object.keys(counts).filter((name) => /unknown/.test(name))).toEqual([]);
  });

  it.each([
    ['who gave a grant', 'delete from read_model.grant_origins_v1 where position = 13', 'flag.unknownOrigin', 1],
    ['what ended one', 'delete from read_model.grant_ends_v1 where position = 12', 'flag.unknownEnd', 1],
    [
      'what shortened one, and ended it thereby',
      'delete from read_model.grant_ends_v1 where position = 11',
      'flag.unknownEnd',
      2,
    ],
    [
      'when an account was suspended',
      'delete from read_model.account_history_v2 where from_pos = 8',
      'excluded.unknownAccount',
      2,
    ],
  ])('says that it does not know %s', async (_what, loss, name, count) => {
    await told.source.database.query(loss);
    expect((await made(4, 17)).counts).toMatchObject({ [name]: count });
  });

  it('does not reconcile when the end of a grant is lost on both sides of the balance', async () => {
    await told.source.database.query(
      'update read_model.grants_v1 set valid_to = null, revoked_pos = null where granted_pos = 5',
    );
    expect((await made(4, 17)).summary).toMatchObject({ unbalancedApplications: 0 });
    expect(await reconciles(accessChangesReport, told.source, asked(4, 17))).toEqual([
      JSON.stringify({ of: 'grants ended', recorded: 2, listed: 1, excluded: {} }),
    ]);
  });

  it('reconciles with the log, and does not when a grant is lost', async () => {
    expect(await reconciles(accessChangesReport, told.source, asked(4, 17))).toEqual([]);
    await told.source.database.query('delete from read_model.grants_v1 where granted_pos = 6');
    expect(await reconciles(accessChangesReport, told.source, asked(4, 17))).toEqual([
      JSON.stringify({ of: 'grants', recorded: 4, listed: 3, excluded: {} }),
      JSON.stringify({ of: 'grants with their histories', recorded: 4, listed: 3, excluded: {} }),
    ]);
  });
});
