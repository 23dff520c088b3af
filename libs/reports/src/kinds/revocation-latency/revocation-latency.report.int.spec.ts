import {
  ada,
  aReview,
  assigned,
  at,
  bo,
  Chronicle,
  connectionChanged,
  connectionRegistered,
  deactivated,
  decisionId,
  historyOf,
  itemClosed,
  itemDecided,
  itemOf,
  olga,
  onEveryDatabase,
  provisioned,
  revoked,
  seededId,
  signedIn,
  signInId,
  through,
  yusuf,
} from '#libs/testing';
import {
  accountDisabledAtSource,
  applicationSessionsEnded,
  askedOf,
  causedBy,
  markingReader,
  reconciles,
  reportOf,
  sessionsEnded,
  wholeStoreOf,
} from '../../events/told-history.fixture.js';
import { sealedHistory } from '../../export/sealed-history.fixture.js';
import { revocationLatencyReport } from './revocation-latency.report.js';

const NOTICE = seededId('notice');
const LEFT_AT = '2026-03-02T12:00:00.000Z';
const item = itemOf(aReview('quarterly'), bo, 'crm.admin');

function story() {
  const chronicle = new Chronicle();
  chronicle.record(
    connectionRegistered('okta'),
    provisioned(ada),
    provisioned(bo),
    assigned(ada, 'crm.reader'),
    assigned(ada, 'crm.seller'),
    assigned(bo, 'crm.admin'),
    assigned(bo, 'crm.reader', undefined, { until: '2026-03-02T10:00:00.000Z' }),
    at('2026-03-02T09:00:00.000Z', signedIn(ada, 'okta', { nth: 2 })), // 7
    at(
      '2026-03-02T09:00:00.040Z',
      revoked(ada, 'crm.reader', { code: 'rule-no-longer-matches', evidence: signInId(ada, 2) }),
    ),
    at(
      '2026-03-02T10:00:01.500Z',
      revoked(bo, 'crm.reader', { code: 'lease-expired', effectiveAt: '2026-03-02T10:00:00.000Z' }),
    ),
    at('2026-03-02T10:10:00.000Z', itemDecided(item, 'revoke', olga)), // 10
    at('2026-03-02T10:10:00.900Z', revoked(bo, 'crm.admin', { code: 'review', evidence: decisionId(item) })),
    at('2026-03-02T10:20:00.000Z', connectionChanged('okta', [])), // 12
    at('2026-03-02T10:20:07.000Z', revoked(ada, 'crm.seller', { code: 'rule-changed', evidence: signInId(ada, 2) })), // because of 12
    provisioned(yusuf),
    deactivated(yusuf),
    at('2026-03-02T12:00:02.000Z', accountDisabledAtSource(ada, NOTICE, LEFT_AT)), // 16
  );
  const [gone] = chronicle.record(
    at('2026-03-02T12:00:03.000Z', deactivated(ada, { ...through('okta'), kind: 'signal' }, LEFT_AT)), // 17, because of 16
  );
  chronicle.record(
    sessionsEnded(ada, seededId('sessions'), { signal: NOTICE, occurredAt: LEFT_AT }),
    applicationSessionsEnded(ada, seededId('crm sessions'), {
      cause: gone?.id ?? '',
      signalAt: gone?.recordedAt ?? '',
    }),
    deactivated(bo), // by hand
  );
  return causedBy(causedBy(chronicle.events, 13, 12), 17, 16);
}

const history = story();

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });
  beforeEach(() => told.tell(history));

  it('times every effect from its own signal', async () => {
    const { rows } = await reportOf(revocationLatencyReport, told.source, askedOf(history));

    expect(
      rows.map(({ effect, code, signal, signalEvent, latencyMs, breach }) => [
        effect,
        code,
        signal,
        signalEvent,
        latencyMs,
        breach,
      ]),
    ).toEqual([
      ['revoked', 'rule-no-longer-matches', 'sign-in', signInId(ada, 2), 40, false],
      ['revoked', 'lease-expired', 'end', null, 1_500, false],
      ['revoked', 'review', 'decision', decisionId(item), 900, false],
      ['revoked', 'rule-changed', 'change', history[12]?.id, 7_000, false],
      ['deactivated', null, 'notice', NOTICE, 3_000, false],
      ['sessions-ended', null, 'notice', NOTICE, 4_000, false],
      ['application-sessions-ended', 'deactivated', 'event', history[17]?.id, 600_000, true],
      ['deactivated', null, 'call', null, null, null],
    ]);
  });

  it('counts by application the sessions that ended at one', async () => {
    const { counts } = await reportOf(revocationLatencyReport, told.source, askedOf(history));

    expect(counts).toMatchObject({ 'listed.events': 8, 'application.crm': 1 });
  });

  it('tells when a notice was given, when it came, and when it had taken effect', async () => {
    const { rows } = await reportOf(revocationLatencyReport, told.source, askedOf(history));

    expect(rows[4]).toMatchObject({
      account: ada.account,
      userName: 'ada@acme.example',
      signalAt: LEFT_AT,
      receivedAt: '2026-03-02T12:00:02.000Z',
      effectAt: '2026-03-02T12:00:03.000Z',
      position: 17,
    });
  });

  it('has percentiles by nearest rank, the worst, and the breaches', async () => {
    const question = askedOf(history);
    const { cells, counts } = await reportOf(revocationLatencyReport, told.source, question);

    expect(
      await revocationLatencyReport.summary?.(told.source, question, { rows: cells.length, counts }),
    ).toMatchObject({
      targetMs: 300_000,
      measured: 7,
      unmeasured: 1,
      p50Ms: 3_000,
      p95Ms: 600_000,
      worstMs: 600_000,
      breaches: 1,
      breachesWithoutEffect: 0,
      'p50Ms revoked': 900,
      'p95Ms revoked': 7_000,
      'breaches revoked': 0,
    });
  });

  it('tells of every signal that waits for its effect, and since when that is too long', async () => {
    // given a revocation that hangs, one whose grant was gone already, a certificate, and a notice without an end
    const [hanging, gone, kept] = [
      itemOf(aReview('quarterly'), ada, 'crm.reader'),
      itemOf(aReview('quarterly'), bo, 'crm.admin'),
      itemOf(aReview('quarterly'), bo, 'crm.reader'),
    ];
    const waiting = historyOf(
      provisioned(ada),
      provisioned(bo),
      at('2026-03-02T10:00:00.000Z', itemDecided(hanging, 'revoke', olga)),
      itemDecided(gone, 'revoke', olga),
      itemClosed(gone, 'moot'),
      itemDecided(kept, 'certify', olga),
      at('2026-03-02T12:00:02.000Z', accountDisabledAtSource(ada, NOTICE, LEFT_AT)),
      at(
        '2026-03-02T12:04:00.000Z',
        sessionsEnded(ada, seededId('others'), { signal: seededId('another'), occurredAt: LEFT_AT }),
      ),
    );
    await told.tell(waiting);
    const question = askedOf(waiting);

    // when it is asked four minutes after the notice
    const { rows, cells, counts } = await reportOf(revocationLatencyReport, told.source, question);

    // then both are there, and the older one has waited too long
    const demands = rows.filter(({ effect }) => effect === 'none');
    expect(demands).toMatchObject([
      { code: 'revoke', account: ada.account, signal: 'decision', signalEvent: decisionId(hanging), breach: true },
      { code: 'account-disabled', account: ada.account, signal: 'notice', signalEvent: NOTICE, breach: false },
    ]);
    for (const row of demands) expect(row).toMatchObject({ effectAt: null, latencyMs: null });
    expect(counts).toMatchObject({ 'excluded.hasItsEffect': 1, 'excluded.asksForNothing': 1, 'flag.breach': 1 });
    expect(await reconciles(revocationLatencyReport, told.source, question)).toEqual([]);
    const listed = { rows: cells.length, counts };
    expect(await revocationLatencyReport.summary?.(told.source, question, listed)).toMatchObject({
      signalsWithoutEffect: 2,
      breaches: 0,
      breachesWithoutEffect: 1,
    });
  });

  it('says of a signal that its effect was missing when it came after the period', async () => {
    const question = askedOf(history, { asOf: '2026-03-02T10:10:00.500Z' });
    const { rows } = await reportOf(revocationLatencyReport, told.source, question);

    expect(rows.at(-1)).toMatchObject({ effect: 'none', signalEvent: decisionId(item), breach: false });
  });

  it('leaves nothing out', async () => {
    expect(await reconciles(revocationLatencyReport, told.source, askedOf(history))).toEqual([]);
  });

  it('withholds names', async () => {
    const { rows } = await reportOf(revocationLatencyReport, told.source, askedOf(history, { personal: false }));

    expect(rows[0]).toMatchObject({ userName: '[withheld]', latencyMs: 40 });
  });
});
