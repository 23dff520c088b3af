import type { PolicySettings } from '#libs/contracts';
import { sodRule } from '#libs/testing';
import { conflictsOf, conflictsWith, preventiveRules, preventiveRulesFrom, sodRules } from './sod-rules.js';

/** Which rules bind an account, and what is in conflict under them. */

const NOW = '2026-03-02T08:00:00.000Z';
const LATER = '2026-03-02T08:00:00.001Z';
const ADA = '771f942c-b71a-5b6e-a29a-93183ee52f21';
const PAY = [['pay.create'], ['pay.approve']];
const policy = (id: string, over: { mode?: 'detective' | 'preventive'; enabled?: boolean } = {}) => ({
  id,
  version: 3,
  enabled: over.enabled ?? true,
  settings: { kind: 'sod', roles: PAY, mode: over.mode ?? 'preventive', owner: null } satisfies PolicySettings,
});
const exception = (over: { policy?: string; account?: string; until?: string; ended?: boolean } = {}) => ({
  policy: 'pay',
  account: ADA,
  sets: PAY,
  until: LATER,
  ended: false,
  ...over,
});

describe('the rules that bind an account', () => {
  it('are those of the policies in force, with their versions', () =>
    expect(sodRules([policy('pay'), policy('off', { enabled: false })], [], ADA, NOW)).toEqual([
      { policy: 'pay', version: 3, sets: PAY },
    ]));

  it('leave out a policy from which it has an exception, up to its end and not at it', () => {
    expect(sodRules([policy('pay')], [exception()], ADA, NOW)).toEqual([]);
    expect(sodRules([policy('pay')], [exception({ until: NOW })], ADA, NOW)).toHaveLength(1);
    expect(sodRules([policy('pay')], [exception({ ended: true })], ADA, NOW)).toHaveLength(1);
  });

  it('leave out only the pairs that the policy had when the exception was granted', () => {
    const later = [['pay.create', 'pay.change'], ['pay.approve'], ['vault.admin']];
    const changed = { ...policy('pay'), settings: { ...policy('pay').settings, roles: later } };
    const rules = preventiveRules([changed], [exception()], ADA, NOW);
    expect(conflictsOf(['pay.create', 'pay.approve'], rules)).toEqual([]);
    expect(conflictsOf(['pay.change', 'pay.approve'], rules)).toHaveLength(1);
    expect(conflictsWith('vault.admin', ['pay.create'], rules)).toEqual([{ policy: 'pay', held: ['pay.create'] }]);
    const anew = { ...changed, settings: { ...changed.settings, roles: [['vault.admin'], ['vault.audit']] } };
    expect(preventiveRules([anew], [exception()], ADA, NOW)).toHaveLength(1);
  });

  it('leave a policy out that keeps less apart than the exception was granted for', () => {
    const wider = { ...exception(), sets: [['pay.create', 'pay.change'], ['pay.approve']] };
    expect(sodRules([policy('pay')], [wider], ADA, NOW)).toEqual([]);
  });

  it('are not changed by exceptions of others, or from other policies', () =>
    expect(
      sodRules([policy('pay')], [exception({ account: 'another' }), exception({ policy: 'other' })], ADA, NOW),
    ).toHaveLength(1));

  it('prevent only where the policy says so; policies of other kinds and without settings have none', () => {
    const others = [{ ...policy('gone'), settings: null }];
    const detective = policy('watch', { mode: 'detective' });
    const rules = preventiveRules([policy('pay'), detective, ...others], [], ADA, NOW);
    expect(rules.map((rule) => rule.policy)).toEqual(['pay']);
  });
});

describe('rules for a command', () => {
  const source = (policies: ReturnType<typeof policy>[], asked: string[] = []) => ({
    policies: () => policies,
    sodExceptions: (tenant: string) => {
      asked.push(tenant);
      return [exception()];
    },
  });
  const whose = { tenant: 'acme', account: ADA, now: NOW };

  it('do without exceptions where nothing is prevented', () => {
    const asked: string[] = [];
    expect(preventiveRulesFrom(source([policy('pay', { mode: 'detective' })], asked), whose)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('go by the exceptions of the tenant where something is', () => {
    expect(preventiveRulesFrom(source([policy('pay')]), whose)).toEqual([]);
    expect(preventiveRulesFrom(source([policy('other')]), whose)).toHaveLength(1);
  });
});

describe('roles held together', () => {
  const pay = sodRule('pay', ['pay.create', 'pay.change'], ['pay.approve'], ['pay.audit']);

  it('are in conflict when they stand in two sets: told per set', () =>
    expect(conflictsOf(['pay.audit', 'crm.reader', 'pay.change', 'pay.create'], [pay])).toEqual([
      { policy: 'pay', version: 1, held: [['pay.create', 'pay.change'], [], ['pay.audit']] },
    ]));

  it('are not within one set, nor when only one stands in any', () => {
    expect(conflictsOf(['pay.create', 'pay.change'], [pay])).toEqual([]);
    expect(conflictsOf(['pay.approve', 'crm.reader'], [pay])).toEqual([]);
  });

  it('are two: a role that stands in two sets is not in conflict with itself', () => {
    const both = sodRule('both', ['a', 'b'], ['b', 'c']);
    expect(conflictsOf(['b'], [both])).toEqual([]);
    expect(conflictsOf(['a', 'b'], [both])).toEqual([{ policy: 'both', version: 1, held: [['a', 'b'], ['b']] }]);
  });
});
