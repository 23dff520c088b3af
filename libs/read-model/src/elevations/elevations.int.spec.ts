import {
  ada,
  assigned,
  at,
  bo,
  byElevation,
  clearReader,
  elevationApproved,
  elevationEnded,
  elevationExtended,
  elevationId,
  elevationRefused,
  elevationRequested,
  grantId,
  grantOfElevation,
  historyOf,
  olga,
  onEveryDatabase,
  person,
  provisioned,
  revoked,
  yusuf,
} from '#libs/testing';
import { findDueElevations, findElevation, findElevations } from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: those who ask and those who approve find their elevations, and whoever ends them finds every one that is to end. */

const hour = (n: number, rest = '00:00.000') => `2026-03-02T${String(n).padStart(2, '0')}:${rest}Z`;
const eve = person('Eve', 'Lund');

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);
  const list = async (query: object = {}) =>
    (await findElevations(model.database, { tenant: 'acme', limit: 50, ...query })).items.map(
      ({ elevation }) => elevation,
    );
  const due = async (now: string) =>
    (await findDueElevations(model.database, { now, limit: 10 })).map(({ elevation, due }) => [elevation, due]);
  const [one, two, three] = [elevationId(ada, 'one'), elevationId(bo, 'two'), elevationId(ada, 'three')];

  it('tells of a request, then who approved, from when to when it held, and why it ended', async () => {
    const asked = at(hour(8), elevationRequested(ada, 'one', [olga, eve], { approvalsNeeded: 2 }));
    await model.project(historyOf(asked));
    const found = () => findElevation(model.database, { tenant: 'acme', elevation: one });
    expect(await found()).toMatchObject({
      status: 'requested',
      reason: 'the queue is stuck',
      grant: null,
      until: null,
    });
    const history = [
      asked,
      elevationApproved(ada, 'one', olga, { complete: false, grant: null, effectiveAt: null, until: null }),
      at(hour(9), elevationApproved(ada, 'one', eve)),
      elevationExtended(ada, 'one', olga, hour(12)),
    ];
    await model.project(historyOf(...history));
    expect(await found()).toMatchObject({
      status: 'active',
      approvals: [
        { by: olga.account, via: 'session' },
        { by: eve.account, at: hour(9) },
      ],
      effectiveAt: new Date(hour(9)),
      until: new Date(hour(12)),
      grant: grantOfElevation(ada, 'one', 2),
      grants: [grantOfElevation(ada, 'one', 1), grantOfElevation(ada, 'one', 2)],
    });
    await model.project(historyOf(...history, at(hour(13), elevationEnded(ada, 'one', { effectiveAt: hour(12) }))));
    expect(await found()).toMatchObject({ status: 'ended', endedAt: new Date(hour(12)), endedCode: 'time-over' });
  });

  it('lists them by who gets it, who asked, who may approve, and whoever it concerns', async () => {
    await model.project(
      historyOf(
        elevationRequested(ada, 'one', [olga]),
        elevationRequested(bo, 'two', [eve, olga], { requestedBy: eve.account }),
        elevationRequested(ada, 'three', [bo], { requestedBy: null }),
        elevationRefused(ada, 'three', bo),
        elevationRequested(yusuf, 'theirs', [olga]),
      ),
    );
    expect(await list()).toEqual([one, two, three]);
    expect(await list({ newestFirst: true })).toEqual([three, two, one]);
    expect(await list({ account: ada.account })).toEqual([one, three]);
    expect(await list({ approver: olga.account })).toEqual([one, two]);
    expect(await list({ approver: olga.account, status: ['refused'] })).toEqual([]);
    expect(await list({ requestedBy: eve.account })).toEqual([two]);
    expect(await list({ concerning: bo.account })).toEqual([two, three]);
    expect(await list({ concerning: eve.account })).toEqual([two]);
  });

  it('comes page by page, in both directions', async () => {
    await model.project(historyOf(...['a', 'b', 'c'].map((word) => elevationRequested(ada, word, [olga]))));
    const [a, b, c] = ['a', 'b', 'c'].map((word) => elevationId(ada, word));
    const page = await findElevations(model.database, { tenant: 'acme', limit: 2 });
    expect(page.more).toBe(true);
    expect(await list({ after: page.items.at(-1)?.requestedPosition })).toEqual([c]);
    const last = await findElevations(model.database, { tenant: 'acme', limit: 1, newestFirst: true });
    expect(await list({ after: last.items[0]?.requestedPosition, newestFirst: true })).toEqual([b, a]);
  });

  describe('what is due', () => {
    it('is a request that nobody answered in time', async () => {
      await model.project(historyOf(elevationRequested(ada, 'one', [olga], { validUntil: hour(10) })));
      expect(await due(hour(9, '59:59.999'))).toEqual([]);
      expect(await due(hour(10))).toEqual([[one, 'lapse']]);
    });

    const granted = (until: string) => [
      provisioned(ada),
      elevationRequested(ada, 'one', [olga]),
      elevationApproved(ada, 'one', olga, { grant: grantId(ada, 'prod.admin'), until }),
      assigned(ada, 'prod.admin', byElevation(one), { until }),
    ];

    it('is one whose time is over, at the instant', async () => {
      await model.project(historyOf(...granted(hour(10))));
      expect(await due(hour(9, '59:59.999'))).toEqual([]);
      expect(await due(hour(10))).toEqual([[one, 'end']]);
    });

    it('is one whose grant never came, after a moment', async () => {
      await model.project(historyOf(...granted(hour(10)).slice(0, 3)));
      expect(await due(hour(8, '02:04.999'))).toEqual([]);
      expect(await due(hour(8, '02:05.000'))).toEqual([[one, 'grant']]);
    });

    it('is one whose grant was revoked, and when', async () => {
      const history = historyOf(...granted(hour(10)), at(hour(9), revoked(ada, 'prod.admin')));
      await model.project(history);
      const [found] = await findDueElevations(model.database, { now: hour(9), limit: 5 });
      expect(found).toMatchObject({ due: 'revoked', grantEnded: { event: history.at(-1)?.id, at: hour(9) } });
    });

    it('is nothing that has ended', async () => {
      await model.project(historyOf(...granted(hour(10)), elevationEnded(ada, 'one')));
      expect(await due(hour(23))).toEqual([]);
    });
  });
});
