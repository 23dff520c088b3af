import {
  ada,
  assigned,
  at,
  bo,
  by,
  byHand,
  Chronicle,
  deactivated,
  historyOf,
  merged,
  olga,
  onEveryDatabase,
  profileUpdated,
  provisioned,
  reactivated,
  revoked,
  seededId,
  through,
  yusuf,
} from '#libs/testing';
import {
  accountDisabledAtSource,
  applicationSessionsEnded,
  askedOf,
  causedBy,
  erasedReader,
  inOneCommand,
  markingReader,
  reconciles,
  reportOf,
  sessionsEnded,
  wholeStoreOf,
} from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import type { ReportKind } from '../../report-kind.js';
import { REPORTS } from '../index.js';
import { joinersMoversLeaversReport } from './joiners-movers-leavers.report.js';

const NOTICE = seededId('notice');
const LEFT_AT = '2026-03-02T12:00:00.000Z';
const inSales = { ...ada, profile: { ...ada.profile, department: 'Sales' } };

function story() {
  const chronicle = new Chronicle();
  chronicle.record(
    provisioned(ada), // 0, with 1
    assigned(ada, 'crm.reader'),
    assigned(ada, 'crm.admin', byHand(olga)),
    profileUpdated(ada, { department: 'Sales' }), // 3, with 4 and 5
    revoked(ada, 'crm.reader', { code: 'rule-no-longer-matches' }),
    assigned(ada, 'crm.seller', by('okta', 'sellers')),
    provisioned(yusuf),
    profileUpdated(inSales, { displayName: 'Ada O.' }), // 7
    at('2026-03-02T12:00:02.000Z', accountDisabledAtSource(ada, NOTICE, LEFT_AT)), // 8
  );
  const [gone] = chronicle.record(
    at('2026-03-02T12:00:03.000Z', deactivated(ada, { ...through('okta'), kind: 'signal' }, LEFT_AT)), // 9, because of 8
  );
  chronicle.record(
    sessionsEnded(ada, seededId('sessions'), { signal: NOTICE, occurredAt: LEFT_AT }),
    applicationSessionsEnded(ada, seededId('crm sessions'), {
      cause: gone?.id ?? '',
      signalAt: gone?.recordedAt ?? '',
    }),
    reactivated(ada), // 12
    provisioned(bo),
    deactivated(bo), // 14, with 15
    merged(bo, ada),
  );
  const commands = [
    [0, 1],
    [3, 4, 5],
    [14, 15],
  ].reduce(
    (history, positions) => inOneCommand(history, ...positions),
    chronicle.events as readonly (typeof chronicle.events)[number][],
  );
  return causedBy(commands, 9, 8);
}

const history = story();

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('tells who joined, moved, left and came back, with the roles that they gained, lost and kept', async () => {
    const { rows } = await reportOf(joinersMoversLeaversReport, told.source, askedOf(history));

    expect(rows.map(({ change, position, gained, lost, kept }) => ({ change, position, gained, lost, kept }))).toEqual([
      { change: 'joiner', position: 0, gained: ['crm.reader'], lost: [], kept: [] },
      { change: 'mover', position: 3, gained: ['crm.seller'], lost: ['crm.reader'], kept: ['crm.admin'] },
      { change: 'leaver', position: 9, gained: [], lost: ['crm.admin', 'crm.seller'], kept: [] },
      { change: 'returner', position: 12, gained: ['crm.admin', 'crm.seller'], lost: [], kept: [] },
      { change: 'joiner', position: 13, gained: [], lost: [], kept: [] },
      { change: 'merged', position: 15, gained: [], lost: [], kept: [] },
    ]);
  });

  it('tells what a mover was before and is after', async () => {
    const { rows } = await reportOf(joinersMoversLeaversReport, told.source, askedOf(history));

    expect(rows[1]).toMatchObject({
      account: ada.account,
      userName: 'ada@acme.example',
      displayName: 'Ada Okafor',
      directory: 'staff',
      source: 'signIn',
      connection: 'okta',
      changed: ['department'],
      departmentBefore: 'Engineering',
      departmentAfter: 'Sales',
      managerBefore: 'olga@acme.example',
      managerAfter: 'olga@acme.example',
      titleBefore: null,
      titleAfter: null,
      signalAt: null,
    });
  });

  it('tells how soon a leaver was out, and which sessions ended', async () => {
    const { rows } = await reportOf(joinersMoversLeaversReport, told.source, askedOf(history));

    expect(rows[2]).toMatchObject({
      displayName: 'Ada O.',
      departmentAfter: 'Sales',
      reason: 'on leave',
      signalAt: LEFT_AT,
      effectMs: 3_000,
      sessionsEnded: 3,
      sessionsEndedAt: '2026-03-02T12:10:03.000Z',
      evidenceEvent: NOTICE,
    });
    expect(rows[5]).toMatchObject({ account: bo.account, into: ada.account, signalAt: null });
  });

  it('counts the sessions of a leaver, however many others ended before and in between', async () => {
    // given somebody of whom many sessions ended, before the notice and between it and its effect
    const busy = new Chronicle();
    const others = (from: number, many: number) =>
      Array.from({ length: many }, (_, n) =>
        sessionsEnded(ada, seededId(`other ${from + n}`), { signal: seededId('another'), occurredAt: LEFT_AT }),
      );
    busy.record(provisioned(ada), ...others(0, 25), accountDisabledAtSource(ada, NOTICE, LEFT_AT));
    const [gone] = busy.record(deactivated(ada, { ...through('okta'), kind: 'signal' }, LEFT_AT)); // 27, because of 26
    busy.record(
      ...others(25, 300),
      sessionsEnded(ada, seededId('sessions'), { signal: NOTICE, occurredAt: LEFT_AT }),
      applicationSessionsEnded(ada, seededId('crm sessions'), { cause: gone?.id ?? '', signalAt: LEFT_AT }),
    );
    const events = causedBy(busy.events, 27, 26);
    await told.tell(events);

    // when it is reported as of the leaving
    const question = askedOf(events, { asOf: gone?.recordedAt ?? '' });
    const { rows } = await reportOf(joinersMoversLeaversReport, told.source, question);

    // then the two here and the one at the application are there, and none of the others
    expect(rows.at(-1)).toMatchObject({ change: 'leaver', sessionsEnded: 3, sessionsEndedAt: expect.any(String) });
  });

  it('says why other changes are no moves, and leaves nothing out', async () => {
    const { counts } = await reportOf(joinersMoversLeaversReport, told.source, askedOf(history));

    expect(counts).toMatchObject({ 'listed.events': 6, 'excluded.otherAttributes': 1, 'excluded.partOfMerge': 1 });
    expect(await reconciles(joinersMoversLeaversReport, told.source, askedOf(history))).toEqual([]);
  });

  it('withholds who they are and what they were', async () => {
    const { rows } = await reportOf(joinersMoversLeaversReport, told.source, askedOf(history, { personal: false }));

    expect(rows[1]).toMatchObject({ userName: '[withheld]', departmentBefore: '[withheld]', changed: ['department'] });
    expect(JSON.stringify(rows)).not.toMatch(/Okafor|acme\.example|Sales|on leave/);
  });

  it('says of erased people that they are, and tells the rest', async () => {
    const source = { ...told.source, reader: erasedReader };
    const { rows } = await reportOf(joinersMoversLeaversReport, source, askedOf(history));

    expect(rows[1]).toMatchObject({ userName: '[erased]', departmentBefore: '[erased]', gained: ['crm.seller'] });
    expect(rows[0]).toMatchObject({ change: 'joiner', departmentBefore: null, departmentAfter: '[erased]' });
  });

  it.each([
    { filter: { account: bo.account }, changes: ['joiner', 'merged'] },
    { filter: { directory: 'partners' }, changes: [] },
  ])('answers for $filter alone', async ({ filter, changes }) => {
    const question = askedOf(history, { filter });
    const { rows } = await reportOf(joinersMoversLeaversReport, told.source, question);

    expect(rows.map(({ change }) => change)).toEqual(changes);
    expect(await reconciles(joinersMoversLeaversReport, told.source, question)).toEqual([]);
  });

  it('is not told by what came later what was so at the time', async () => {
    const { rows } = await reportOf(joinersMoversLeaversReport, told.source, askedOf(history, { knownAt: 4 }));

    expect(rows.map(({ change, gained, lost, kept }) => ({ change, gained, lost, kept }))).toEqual([
      { change: 'joiner', gained: ['crm.reader'], lost: [], kept: [] },
      { change: 'mover', gained: [], lost: ['crm.reader'], kept: ['crm.admin'] },
    ]);
  });

  describe('of accounts that were given an end', () => {
    const END = '2026-03-02T09:00:00.000Z';
    const until = (expiresAt: string) => ({ expiresAt });
    const contracts = historyOf(
      provisioned(ada, until(END)), // 0: her end comes, and nobody does anything
      assigned(ada, 'crm.reader'),
      assigned(ada, 'crm.admin', byHand(olga), { until: '2026-03-02T08:30:00.000Z' }),
      profileUpdated(ada, { department: 'Sales' }),
      provisioned(bo, until(END)), // 4: leaves before
      assigned(bo, 'crm.reader'),
      deactivated(bo),
      provisioned(yusuf, until('2027-01-01T00:00:00.000Z')),
      provisioned(olga, until('2026-03-01T00:00:00.000Z')), // 8: had ended before she was made
      at('2026-03-02T10:00:00.000Z', profileUpdated(inSales, { department: 'Research' })),
      deactivated(ada), // 10: when she had long gone
      reactivated(ada),
      reactivated(bo), // 12
    );
    const asked = (over: Parameters<typeof askedOf>[1] = {}) => askedOf(contracts, over);
    const madeOf = async (question: ReturnType<typeof asked>) => {
      const { rows, cells, counts } = await reportOf(joinersMoversLeaversReport, told.source, question);
      const listed = { rows: cells.length, counts };
      return { rows, summary: await joinersMoversLeaversReport.summary?.(told.source, question, listed) };
    };
    beforeEach(() => told.tell(contracts));

    it('tells of those whose end came while they were active, with what they were and lost', async () => {
      const { rows, summary } = await madeOf(asked({ from: '2026-03-02T08:50:00.000Z' }));

      expect(rows.at(-1)).toMatchObject({
        recordedAt: END,
        change: 'expired',
        account: ada.account,
        userName: 'ada@acme.example',
        directory: 'staff',
        source: null,
        connection: 'okta',
        departmentBefore: 'Sales',
        departmentAfter: 'Sales',
        gained: [],
        lost: ['crm.reader'],
        signalAt: null,
        event: contracts[0]?.id,
        position: 0,
      });
      expect(rows.map(({ change, position }) => `${change} ${position}`)).toEqual([
        'mover 9',
        'leaver 10',
        'returner 11',
        'returner 12',
        'expired 0',
      ]);
      expect(summary).toMatchObject({ leavers: 1, expired: 1 });
      expect(await reconciles(joinersMoversLeaversReport, told.source, asked())).toEqual([]);
    });

    it('tells the loss once: who is past their end has nothing to lose, and gets nothing back', async () => {
      const { rows } = await madeOf(asked());

      const of = (change: string) => rows.filter((row) => row['change'] === change);
      expect(of('leaver')).toMatchObject([{ lost: ['crm.reader'] }, { account: ada.account, lost: [] }]);
      expect(of('returner')).toMatchObject([
        { account: ada.account, gained: [] },
        { account: bo.account, gained: [] },
      ]);
    });

    it.each([
      ['before it came', { asOf: '2026-03-02T08:59:59.999Z' }, 0],
      ['when it came', { asOf: END }, 1],
      ['after it came', { from: END }, 0],
      ['before it could be known', { knownAt: -1 }, 0],
      ['of her alone', { filter: { account: ada.account } }, 1],
      ['of another', { filter: { account: yusuf.account } }, 0],
      ['of another directory', { filter: { directory: 'partners' } }, 0],
      ['of the connection that made her', { filter: { connection: 'okta' } }, 1],
      ['of another connection', { filter: { connection: 'entra' } }, 0],
    ])('counts an end in the period in which it comes: %s', async (_when, over, ends) => {
      const { rows } = await madeOf(asked(over));

      expect(rows.filter(({ change }) => change === 'expired')).toHaveLength(ends);
      expect(await reconciles(joinersMoversLeaversReport, told.source, asked(over))).toEqual([]);
    });

    it('goes on from the end of the events, and from the end of all, as if it had never stopped', async () => {
      const { cells, bookmarks } = await reportOf(joinersMoversLeaversReport, told.source, asked());
      const following = async (bookmark = '') =>
        (await reportOf(joinersMoversLeaversReport, told.source, asked(), bookmark)).cells;

      expect(await following(bookmarks.at(-2))).toEqual(cells.slice(-1));
      expect(await following(bookmarks.at(-1))).toEqual([]);
    });

    it('withholds who it was', async () => {
      const { rows } = await madeOf(asked({ personal: false }));

      expect(rows.at(-1)).toMatchObject({ change: 'expired', userName: '[withheld]', departmentBefore: '[withheld]' });
      expect(JSON.stringify(rows)).not.toMatch(/Okafor|acme\.example|Sales/);
    });

    it.each([0, 10, 11])('does not reconcile when what was at %s is lost of her history', async (position) => {
      await told.source.database.query('delete from read_model.account_history_v2 where from_pos = $1', [position]);

      const inService = REPORTS.get('joiners-movers-leavers') as ReportKind;
      expect(await reconciles(inService, told.source, asked())).not.toEqual([]);
    });

    it('says that it does not know whose end came when something between is lost', async () => {
      await told.source.database.query('delete from read_model.account_history_v2 where from_pos = 3');

      const { rows, counts } = await reportOf(joinersMoversLeaversReport, told.source, asked());
      const listed = { rows: rows.length, counts };
      expect(await joinersMoversLeaversReport.population(told.source, asked(), listed)).toContainEqual({
        of: 'accounts whose end came',
        recorded: 1,
        listed: 0,
        excluded: { unknownAccount: 1 },
      });
    });
  });
});
