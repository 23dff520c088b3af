/** Every grant from its beginning to its end, against a small history told by hand. */
import {
  ada,
  aReview,
  assigned,
  bo,
  by,
  byHand,
  deactivated,
  decisionId,
  doneBy,
  grantId,
  historyOf,
  itemOf,
  olga,
  onEveryDatabase,
  provisioned,
  reduced,
  revoked,
  roleDefined,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { grantsReport } from './grants.report.js';

const OKTA = { kind: 'connection', id: 'okta' } as const;
const OLGA = { kind: 'account', id: olga.account } as const;
const minute = (position: number) => new Date(Date.parse('2026-03-02T08:00:00.000Z') + position * 60_000).toISOString();
const decision = decisionId(itemOf(aReview('q'), bo, 'crm.admin'));

const history = historyOf(
  roleDefined('crm.reader'),
  roleDefined('crm.admin', { privileged: true }),
  provisioned(ada),
  provisioned(bo),
  doneBy(OKTA, assigned(ada, 'crm.reader', by('okta', 'engineers'))), // 4
  assigned(ada, 'crm.admin', byHand(olga), { until: minute(60) }), // 5
  assigned(bo, 'crm.admin', byHand(olga)), // 6
  doneBy(OKTA, revoked(ada, 'crm.reader', { code: 'rule-no-longer-matches' })), // 7
  doneBy(OLGA, reduced(bo, 'crm.admin', minute(30), { decision })), // 8
  provisioned(yusuf),
  assigned(yusuf, 'crm.reader'),
  deactivated(bo), // 11
);
const [adaReads, adaAdmin, boAdmin] = [history[4]?.id, history[5]?.id, history[6]?.id];

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('lists every grant with both its whys', async () => {
    const { rows } = await reportOf(grantsReport, told.source, askedOf(history, { asOf: minute(10) }));
    expect(rows).toEqual([
      expect.objectContaining({
        grant: grantId(ada, 'crm.reader'),
        standing: 'ended',
        userName: 'ada@acme.example',
        grantedAt: minute(4),
        grantedBy: 'connection:okta',
        event: adaReads,
        endsAt: minute(7),
        endCode: 'rule-no-longer-matches',
        endedBy: 'connection:okta',
        endReason: null,
        endEvent: history[7]?.id,
        endPosition: 7,
        position: 4,
      }),
      expect.objectContaining({
        standing: 'held',
        grantedBy: `account:${olga.account}`,
        reason: 'needed for the project',
        event: adaAdmin,
        endsAt: minute(60),
        endCode: null,
        endedBy: null,
        endEvent: null,
      }),
      expect.objectContaining({
        standing: 'held',
        event: boAdmin,
        endsAt: minute(30),
        endCode: 'reduced',
        endedBy: `account:${olga.account}`,
        endReason: 'until the project ends',
        endRecordedAt: minute(8),
        position: 6,
      }),
    ]);
  });

  it('says how each stood at the instant, and what was known of its end', async () => {
    const standings = async (asOf: number, knownAt = 11) =>
      (await reportOf(grantsReport, told.source, askedOf(history, { asOf: minute(asOf), knownAt }))).rows.map(
        ({ standing, endsAt }) => [standing, endsAt],
      );
    expect(await standings(5)).toEqual([
      ['held', minute(7)],
      ['held', minute(60)],
      ['notBegun', minute(30)],
    ]);
    expect(await standings(11)).toEqual([
      ['ended', minute(7)],
      ['held', minute(60)],
      ['deactivatedAccount', minute(30)],
    ]);
    expect(await standings(11, 6)).toEqual([
      ['held', null],
      ['held', minute(60)],
      ['held', null],
    ]);
  });

  it('withholds reasons and names', async () => {
    const { rows } = await reportOf(grantsReport, told.source, askedOf(history, { personal: false }));
    expect(JSON.stringify(rows)).not.toMatch(/Okafor|acme\.example|project/);
    expect(rows.map(({ reason, endReason }) => [reason, endReason])).toEqual([
      [null, null],
      ['[withheld]', null],
      ['[withheld]', '[withheld]'],
    ]);
  });

  it('reconciles with the log, and does not when a grant is lost', async () => {
    expect(await reconciles(grantsReport, told.source, askedOf(history))).toEqual([]);
    // lost with its end
    await told.source.database.query('delete from read_model.grants_v1 where granted_pos = 4');
    expect(await reconciles(grantsReport, told.source, askedOf(history))).toHaveLength(2);
  });

  it('flags nothing of a history that is whole, also at an instant before most of it', async () => {
    for (const asOf of [0, 4, 11]) {
      const { counts } = await reportOf(grantsReport, told.source, askedOf(history, { asOf: minute(asOf) }));
      expect(Object.keys(counts).filter((name) => /unknown/.test(name))).toEqual([]);
    }
  });

  it.each([
    ['who gave a grant', 'delete from read_model.grant_origins_v1 where position = 4', 'unknownOrigin'],
    ['what ended one', 'delete from read_model.grant_ends_v1 where position = 7', 'unknownEnd'],
    ['what shortened one', 'delete from read_model.grant_ends_v1 where position = 8', 'unknownEnd'],
    ['whose it is', 'delete from read_model.account_history_v2 where from_pos = 11', 'unknownAccount'],
  ])('says on the sheet that it does not know %s', async (_what, loss, flag) => {
    await told.source.database.query(loss);
    const { counts } = await reportOf(grantsReport, told.source, askedOf(history));
    expect(counts).toMatchObject({ [`flag.${flag}`]: 1 });
  });
});
