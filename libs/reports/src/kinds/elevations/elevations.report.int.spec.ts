import {
  ada,
  aReview,
  at,
  bo,
  elevationApproved,
  elevationEnded,
  elevationExtended,
  elevationId,
  elevationRefused,
  elevationRequested,
  grantOfElevation,
  historyOf,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  olga,
  onEveryDatabase,
  provisioned,
  roleDefined,
  seededId,
  yusuf,
} from '#libs/testing';
import { askedOf, markingReader, reconciles, reportOf, wholeStoreOf } from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { elevationsReport } from './elevations.report.js';

/** Goal: every role that was lent for a time, with who wanted and who allowed it, and when it was over, on record or not. */

const clock = (time: string) => `2026-03-02T${time}:00.000Z`;
const TAKEN = seededId('taken in an emergency');
const item = { ...itemOf(aReview('emergency'), bo, 'prod.admin'), grant: grantOfElevation(bo, 'fire') };

const history = historyOf(
  ...[ada, bo, olga, yusuf].map((who) => provisioned(who)),
  roleDefined('prod.admin', { privileged: true }), // 4
  at(clock('10:00'), elevationRequested(ada, 'stuck', [bo, olga], { approvalsNeeded: 2 })), // 5
  elevationApproved(ada, 'stuck', bo, { complete: false, grant: null, effectiveAt: null, until: null }),
  elevationApproved(ada, 'stuck', olga, { reason: 'go ahead' }), // 7: 10:02 to 11:02
  elevationExtended(ada, 'stuck', bo, clock('12:00')),
  elevationRequested(ada, 'refused', [bo]), // 9
  elevationRefused(ada, 'refused', bo),
  elevationRequested(ada, 'ignored', [bo], { validUntil: clock('11:30') }), // 11
  { ...elevationRequested(bo, 'fire', [], { breakGlass: true, approvalsNeeded: 0 }) }, // 12
  { ...elevationApproved(bo, 'fire', null, { until: clock('13:00') }), eventId: TAKEN }, // 13
  itemOpened(item, [olga], { trigger: { reason: 'breakGlass', event: TAKEN } }), // 14
  elevationRequested(yusuf, 'theirs', []),
  at(clock('11:00'), elevationEnded(bo, 'fire', { code: 'by-hand', by: bo.account, via: 'session', reason: 'done' })), // 16
  at(clock('12:20'), elevationEnded(ada, 'stuck', { effectiveAt: clock('12:00') })), // 17
  at(clock('14:00'), itemDecided(item, 'certify', olga)),
  itemClosed(item, 'certified'),
);

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));
  const report = (over: Parameters<typeof askedOf>[1] = {}, after: string | null = null) =>
    reportOf(elevationsReport, told.source, askedOf(history, over), after);
  const standings = async (over: Parameters<typeof askedOf>[1] = {}) =>
    (await report(over)).rows.map(({ elevation, status, endedAt, endedHow }) => [elevation, status, endedAt, endedHow]);
  const [stuck, refused, ignored, fire] = [
    elevationId(ada, 'stuck'),
    elevationId(ada, 'refused'),
    elevationId(ada, 'ignored'),
    elevationId(bo, 'fire'),
  ];

  it('tells where each of them came to', async () =>
    expect(await standings()).toEqual([
      [stuck, 'ended', clock('12:00'), 'time-over'],
      [refused, 'refused', null, null],
      [ignored, 'lapsed', null, null],
      [fire, 'ended', clock('11:00'), 'by-hand'],
    ]));

  it('tells all of one that was approved, extended and ran out', async () => {
    const { rows } = await report();

    expect(rows[0]).toEqual({
      elevation: stuck,
      account: ada.account,
      userName: 'ada@acme.example',
      role: 'prod.admin',
      application: 'prod',
      privileged: true,
      policy: 'elevate-prod',
      policyVersion: 1,
      requestedAt: clock('10:00'),
      openAtBeginning: false,
      requestedBy: ada.account,
      requestedByName: 'ada@acme.example',
      filedBy: `account:${ada.account}`,
      reason: 'the queue is stuck',
      requestedSeconds: 3_600,
      askedToApprove: [bo.account, olga.account],
      approvalsNeeded: 2,
      approvedBy: [bo.account, olga.account],
      approvedAt: [clock('10:01'), clock('10:02')],
      approvalReasons: ['go ahead'],
      breakGlass: false,
      status: 'ended',
      grant: grantOfElevation(ada, 'stuck'),
      laterGrants: [grantOfElevation(ada, 'stuck', 2)],
      beganAt: clock('10:02'),
      endsAt: clock('12:00'),
      extendedBy: [bo.account],
      endedAt: clock('12:00'),
      endedHow: 'time-over',
      endedBy: null,
      endReason: null,
      reviewAfterwards: null,
      reviewOutcome: null,
      reviewedBy: null,
      reviewedAt: null,
      event: history[5]?.id,
      position: 5,
    });
  });

  it('tells who looked afterwards at what was taken in an emergency', async () => {
    const { rows } = await report();
    expect(rows[3]).toMatchObject({
      breakGlass: true,
      approvedBy: [],
      endedBy: bo.account,
      endReason: 'done',
      reviewAfterwards: item.review,
      reviewOutcome: 'certified',
      reviewedBy: olga.account,
      reviewedAt: clock('14:00'),
    });
  });

  it('flags an emergency at which nobody was asked to look', async () => {
    expect((await report()).counts['flag.breakGlassWithoutReview']).toBeUndefined();
    expect((await report({ knownAt: 13 })).counts['flag.breakGlassWithoutReview']).toBe(1);
  });

  it('ends one at its end although nobody has written that down yet', async () => {
    expect(await standings({ asOf: clock('12:00'), knownAt: 16 })).toContainEqual([
      stuck,
      'ended',
      clock('12:00'),
      'time-over',
    ]);
    expect(await standings({ asOf: clock('12:10') })).toContainEqual([stuck, 'ended', clock('12:00'), 'time-over']);
    expect(await standings({ asOf: '2026-03-02T11:59:59.999Z' })).toContainEqual([stuck, 'active', null, null]);
  });

  it('has one open until its time is over, and lapsed from then on', async () => {
    expect(await standings({ asOf: '2026-03-02T11:29:59.999Z' })).toContainEqual([ignored, 'requested', null, null]);
    expect(await standings({ asOf: clock('11:30') })).toContainEqual([ignored, 'lapsed', null, null]);
  });

  it('knows nothing of what came later', async () =>
    expect(await standings({ knownAt: 6, asOf: clock('10:30') })).toEqual([[stuck, 'requested', null, null]]));

  it.each([
    { over: {}, listed: 4, excluded: {} },
    { over: { filter: { account: bo.account } }, listed: 1, excluded: { filter: 3 } },
    { over: { filter: { privileged: false } }, listed: 0, excluded: { filter: 4 } },
    { over: { filter: { application: 'prod', role: 'prod.admin', policy: 'elevate-prod' } }, listed: 4, excluded: {} },
    { over: { from: clock('10:04') }, listed: 4, excluded: {} },
    { over: { from: clock('10:30') }, listed: 3, excluded: { closedBefore: 1 } },
    { over: { from: clock('13:00') }, listed: 1, excluded: { closedBefore: 3 } },
    { over: { from: clock('15:00') }, listed: 0, excluded: { closedBefore: 4 } },
  ])('accounts for every one when asked $over', async ({ over, listed, excluded }) => {
    const question = askedOf(history, over);
    const { rows, counts } = await report(over);

    expect(await elevationsReport.population(told.source, question, { rows: rows.length, counts })).toEqual([
      { of: 'elevations', recorded: listed + (Object.values(excluded)[0] ?? 0), listed, excluded },
      expect.objectContaining({ of: 'events of the period' }),
    ]);
    expect(await reconciles(elevationsReport, told.source, question)).toEqual([]);
  });

  it('lists in the next period what was asked for in the one before and not over then', async () => {
    // given a border between the request and the approval
    const from = clock('10:00');
    // when both periods are reported, then the one leaves open what the other tells the end of
    expect(await standings({ asOf: from })).toEqual([[stuck, 'requested', null, null]]);
    const { rows, counts } = await report({ from });
    expect(rows.map(({ elevation, openAtBeginning, status }) => [elevation, openAtBeginning, status])).toEqual([
      [stuck, true, 'ended'],
      [refused, false, 'refused'],
      [ignored, false, 'lapsed'],
      [fire, false, 'ended'],
    ]);
    expect(counts).toMatchObject({ openAtBeginning: 1, facts: 10 });
  });

  it('comes back to an emergency for as long as somebody looks at it', async () => {
    const { rows } = await report({ from: clock('13:00') });
    expect(rows).toMatchObject([{ elevation: fire, openAtBeginning: false, reviewOutcome: 'certified' }]);
  });

  it('sums up where they stood', async () => {
    const { rows, counts } = await report();
    const listed = { rows: rows.length, counts };
    expect(await elevationsReport.summary?.(told.source, askedOf(history), listed)).toEqual({
      elevations: 4,
      openAtBeginning: 0,
      ended: 2,
      refused: 1,
      lapsed: 1,
      breakGlass: 1,
    });
  });

  it('goes on from its bookmarks', async () => {
    const { cells } = await report();
    for (const [index, position] of [5, 9, 11, 12].entries())
      expect((await report({}, String(position))).cells).toEqual(cells.slice(index + 1));
  });

  it('withholds who they are and what they wrote', async () => {
    const { rows } = await report({ personal: false });
    expect(rows[0]).toMatchObject({ userName: '[withheld]', reason: '[withheld]', approvalReasons: ['[withheld]'] });
    expect(JSON.stringify(rows)).not.toMatch(/acme\.example|queue|go ahead/);
  });
});
