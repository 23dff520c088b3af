import {
  ada,
  aReview,
  at,
  bo,
  clearReader,
  findingAccepted,
  findingActedUpon,
  findingAssigned,
  findingId,
  findingRaised,
  findingResolved,
  historyOf,
  olga,
  onEveryDatabase,
  violationDetected,
  yusuf,
} from '#libs/testing';
import { countFindings, findFinding, findFindings, findStandingFindings } from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: whoever answers for findings sees which ones hold at an instant, and what was done about them. */

const hour = (n: number, rest = '00:00.000') => `2026-03-02T${String(n).padStart(2, '0')}:${rest}Z`;
const NOW = hour(23);

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);
  const list = async (query: object = {}) =>
    (await findFindings(model.database, { tenant: 'acme', now: NOW, limit: 50, ...query })).items.map(
      ({ finding }) => finding,
    );
  const one = (word: string, now = NOW) =>
    findFinding(model.database, { tenant: 'acme', finding: findingId(word), now });

  it('tells what stands out, who answers for it, and what a policy did', async () => {
    await model.project(
      historyOf(
        findingRaised('quiet', ada),
        findingAssigned('quiet', olga),
        at(hour(9), findingActedUpon('quiet', aReview('r').review)),
      ),
    );
    expect(await one('quiet')).toMatchObject({
      kind: 'dormant',
      code: 'no-sign-in',
      account: ada.account,
      owner: olga.account,
      status: 'open',
      details: { days: 90 },
      acted: { action: 'review', review: aReview('r').review, at: hour(9) },
      timesRaised: 1,
    });
    expect(await findFinding(model.database, { tenant: 'globex', finding: findingId('quiet'), now: NOW })).toBeNull();
  });

  it('tells of a conflict of roles why each of them is held', async () => {
    await model.project(historyOf(violationDetected('both', ada, ['pay.create', 'pay.approve'])));
    expect(await one('both')).toMatchObject({
      kind: 'sod',
      code: 'violation',
      policy: 'maker-checker',
      held: [{ role: 'pay.create' }, { role: 'pay.approve' }],
    });
  });

  it('is open again when the time for which it was accepted is over', async () => {
    await model.project(historyOf(findingRaised('quiet', ada), findingAccepted('quiet', olga, hour(12))));
    expect((await one('quiet', hour(11, '59:59.999')))?.status).toBe('accepted');
    expect((await one('quiet', hour(12)))?.status).toBe('open');
    expect(await list({ status: ['open'], now: hour(11) })).toEqual([]);
    expect(await list({ status: ['open'], now: hour(12) })).toEqual([findingId('quiet')]);
  });

  it('is the same one when it shows again, at the end of the list', async () => {
    await model.project(
      historyOf(
        findingRaised('quiet', ada),
        findingRaised('other', bo),
        findingResolved('quiet'),
        findingRaised('quiet', ada),
      ),
    );
    expect(await list()).toEqual([findingId('other'), findingId('quiet')]);
    expect(await one('quiet')).toMatchObject({ status: 'open', timesRaised: 2, resolvedAt: null, resolvedCode: null });
  });

  it('is answered for by whom somebody chose until it is resolved, also when it shows anew', async () => {
    const roles = ['pay.create', 'pay.approve'];
    const found = historyOf(
      violationDetected('both', ada, roles),
      findingAssigned('both', olga),
      violationDetected('both', ada, [...roles, 'pay.release']),
    );
    await model.project(found);
    expect(await one('both')).toMatchObject({ owner: olga.account, held: [{}, {}, { role: 'pay.release' }] });
  });

  it('is answered for by the owner whom its policy names once it was resolved and shows again', async () => {
    await model.project(
      historyOf(
        findingRaised('quiet', ada, { owner: bo.account }),
        findingAssigned('quiet', olga),
        findingResolved('quiet'),
        findingRaised('quiet', ada, { owner: bo.account }),
      ),
    );
    expect(await one('quiet')).toMatchObject({ owner: bo.account });
  });

  it('is found by kind, status, owner, account and policy, and never by another tenant', async () => {
    await model.project(
      historyOf(
        findingRaised('quiet', ada),
        findingAssigned('quiet', olga),
        findingRaised('gone', bo, { kind: 'orphan', code: 'source-gone', policy: null, connection: 'okta' }),
        findingResolved('gone'),
        violationDetected('both', ada, ['pay.create', 'pay.approve']),
        findingRaised('theirs', yusuf),
      ),
    );
    const [quiet, gone, both] = ['quiet', 'gone', 'both'].map((word) => findingId(word));
    expect(await list()).toEqual([quiet, gone, both]);
    expect(await list({ kind: 'orphan' })).toEqual([gone]);
    expect(await list({ kind: 'orphan', status: ['open', 'accepted'] })).toEqual([]);
    expect(await list({ owner: olga.account })).toEqual([quiet]);
    expect(await list({ account: ada.account })).toEqual([quiet, both]);
    expect(await list({ policy: 'maker-checker' })).toEqual([both]);
    expect(await list({ connection: 'okta' })).toEqual([gone]);
    expect(await countFindings(model.database, { tenant: 'acme', now: NOW })).toEqual([
      { kind: 'dormant', status: 'open', count: 1 },
      { kind: 'sod', status: 'open', count: 1 },
    ]);
    const standing = await findStandingFindings(model.database, {
      tenant: 'acme',
      findings: [quiet, gone, findingId('theirs', 'globex')] as string[],
    });
    expect(Object.fromEntries(standing)).toEqual({ [quiet as string]: 'open', [gone as string]: 'resolved' });
  });
});
