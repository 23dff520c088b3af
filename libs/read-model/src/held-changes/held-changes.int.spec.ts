import {
  changeApplied,
  changeApproved,
  changeHeld,
  changeId,
  changeRefused,
  clearReader,
  emergencyChange,
  historyOf,
  onEveryDatabase,
} from '#libs/testing';
import { countWaitingChanges, findDueHeldChanges, findHeldChange, findHeldChanges } from '../index.js';
import { projectedHistory } from '../read-model.fixture.js';

/** Goal: those who may approve see what waits, and whoever makes the changes finds what was approved of or has lapsed. */

const hour = (n: number, rest = '00:00.000') => `2026-03-02T${String(n).padStart(2, '0')}:${rest}Z`;

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const model = projectedHistory(open, clearReader);
  const one = (word: string, tenant = 'acme') => findHeldChange(model.database, { tenant, change: changeId(word) });

  it('tells what waits, who approved, and which events made it', async () => {
    const history = [
      changeHeld('rules', { approvalsNeeded: 2 }),
      changeApproved('rules', { complete: false }),
      changeApproved('rules'),
    ];
    await model.project(historyOf(...history.slice(0, 2)));
    expect(await one('rules')).toMatchObject({
      status: 'held',
      approvals: [{ by: 'account:bo' }],
      changed: ['rules[engineers].grant'],
    });
    expect(await one('rules', 'globex')).toBeNull();
    await model.project(historyOf(...history));
    expect(await one('rules')).toMatchObject({ status: 'approved', events: [] });
    await model.project(historyOf(...history, changeApplied('rules')));
    expect(await one('rules')).toMatchObject({
      status: 'applied',
      events: [expect.any(String)],
      reason: 'the new product',
    });
  });

  it('lists by status, area, target, and whether it was an emergency', async () => {
    await model.project(
      historyOf(
        changeHeld('rules'),
        changeHeld('role', { area: 'privilegedRoles', kind: 'role', target: 'prod.admin' }),
        changeRefused('role'),
        emergencyChange('now'),
        changeHeld('theirs', {}, 'globex'),
      ),
    );
    const list = async (query: object = {}) =>
      (await findHeldChanges(model.database, { tenant: 'acme', limit: 50, ...query })).items.map(
        ({ change }) => change,
      );
    expect(await list()).toEqual(['rules', 'role', 'now'].map((word) => changeId(word)));
    expect(await list({ status: ['held'] })).toEqual([changeId('rules')]);
    expect(await list({ area: 'privilegedRoles' })).toEqual([changeId('role')]);
    expect(await list({ kind: 'connection', target: 'okta' })).toEqual([changeId('rules'), changeId('now')]);
    expect(await list({ emergency: true })).toEqual([changeId('now')]);
    expect(await list({ emergency: false })).toEqual([changeId('rules'), changeId('role')]);
  });

  it('counts what waits, of one tenant, in time', async () => {
    await model.project(
      historyOf(
        changeHeld('rules', { validUntil: hour(20) }),
        changeHeld('slow', { validUntil: hour(12) }),
        changeHeld('refused', { validUntil: hour(20) }),
        changeRefused('refused'),
        changeHeld('theirs', { validUntil: hour(20) }, 'globex'),
      ),
    );
    const waiting = (now: string) => countWaitingChanges(model.database, { tenant: 'acme', now });
    expect([await waiting(hour(11)), await waiting(hour(12)), await waiting(hour(20))]).toEqual([2, 1, 0]);
  });

  it('finds what nobody answered in time, and what was approved of and is not made yet', async () => {
    await model.project(
      historyOf(
        changeHeld('slow', { validUntil: hour(12) }),
        changeHeld('approved', { validUntil: hour(20) }),
        changeApproved('approved'),
        changeHeld('made', { validUntil: hour(9) }),
        changeApproved('made'),
        changeApplied('made'),
      ),
    );
    const due = async (now: string) =>
      (await findDueHeldChanges(model.database, { now, limit: 5 })).map(({ change, due }) => [change, due]);
    expect(await due(hour(11, '59:59.999'))).toEqual([[changeId('approved'), 'apply']]);
    expect(await due(hour(12))).toEqual([
      [changeId('slow'), 'lapse'],
      [changeId('approved'), 'apply'],
    ]);
  });
});
