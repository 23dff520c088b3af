import type { PolicySettings } from '#libs/contracts';
import { type Asked, deciding, type Fact, historyOf, nothing, records, refuses } from '#libs/testing';
import { type ConfigurePolicy, policyDecider, type RemovePolicy, type SwitchPolicy } from './policy.decider.js';

const policy = deciding(policyDecider);
const settings: PolicySettings = {
  kind: 'sod',
  roles: [['pay.create'], ['pay.approve']],
  mode: 'detective',
  owner: 'ada@acme.example',
};
const preventive: PolicySettings = { ...settings, mode: 'preventive' };
const born = {
  policy: 'maker-checker',
  settings,
  enabled: true,
  managedBy: 'config',
  reason: 'configuration',
} as const;

const fact = (type: string, data: object): Fact => ({
  category: 'policy',
  tenant: 'acme',
  id: 'maker-checker',
  event: () => ({ type, data }),
});
const defined = (over: object = {}) => fact('PolicyDefined', { ...born, ...over });
const disabled = fact('PolicyDisabled', { policy: 'maker-checker', reason: null });
const removed = fact('PolicyRemoved', { policy: 'maker-checker', reason: null });

const configure = (over: Partial<ConfigurePolicy['data']> = {}): Asked<ConfigurePolicy> => ({
  type: 'ConfigurePolicy',
  data: { ...born, ...over },
});
const switchTo = (enabled: boolean, managedBy: 'config' | 'api' = 'config'): Asked<SwitchPolicy> => ({
  type: 'SwitchPolicy',
  data: { enabled, managedBy, reason: 'test' },
});
const remove = (over: Partial<RemovePolicy['data']> = {}): Asked<RemovePolicy> => ({
  type: 'RemovePolicy',
  data: { managedBy: 'config', reason: 'test', ...over },
});

describe('a policy', () => {
  it('comes into force with its settings', () => policy.given().when(configure()).then(records('PolicyDefined', born)));

  it('is configured again without anything happening', () => policy.given(defined()).when(configure()).then(nothing));

  it('says which settings change, and is a version further', () => {
    policy
      .given(defined())
      .when(configure({ settings: preventive }))
      .then(records('PolicyChanged', { settings: preventive, changed: ['mode'] }));
    const { enabled: _on, ...data } = born;
    const after = fact('PolicyChanged', { ...data, settings: preventive, changed: ['mode'] });
    expect(policy.given(defined(), after).state).toMatchObject({ version: 2, settings: preventive });
  });

  it('is changed and switched by one command, the change first', () =>
    policy
      .given(defined())
      .when(configure({ settings: preventive, enabled: false }))
      .then(records('PolicyChanged', { changed: ['mode'] }), records('PolicyDisabled')));

  it('knows since when it is as it is: a schedule does not make up for the time in which it was off', () => {
    const facts = [defined(), disabled, fact('PolicyEnabled', { policy: 'maker-checker', reason: null })];
    const history = historyOf(...facts);
    expect(policy.given(...facts).state).toMatchObject({
      since: history.at(-1)?.recordedAt,
      scheduledSince: history.at(-1)?.recordedAt,
    });
  });

  it.each([
    ['due', 0],
    ['schedule', 1],
    ['timeZone', 1],
  ])('counts its schedule from when its times changed, and not from any other change: %s', (changed, from) => {
    const { enabled: _on, ...data } = born;
    const facts = [defined(), fact('PolicyChanged', { ...data, settings: preventive, changed: [changed] })];
    const history = historyOf(...facts);
    expect(policy.given(...facts).state).toMatchObject({
      since: history.at(-1)?.recordedAt,
      scheduledSince: history.at(from)?.recordedAt,
    });
  });

  it('is switched off and on, once each', () => {
    policy.given(defined()).when(switchTo(false)).then(records('PolicyDisabled'));
    policy.given(defined(), disabled).when(switchTo(false)).then(nothing);
    policy.given(defined(), disabled).when(switchTo(true)).then(records('PolicyEnabled'));
  });

  it('keeps its kind while it is there', () =>
    policy
      .given(defined())
      .when(configure({ settings: { kind: 'dormant', after: 'P90D', action: 'finding', maxPerRun: 100, owner: null } }))
      .then(refuses('policy-kind-fixed')));

  it('is removed; its id can be used again, and the versions go on', () => {
    policy.given(defined()).when(remove()).then(records('PolicyRemoved'));
    policy.given(defined(), removed).when(remove()).then(refuses('policy-not-found'));
    policy.given(defined(), removed).when(switchTo(true)).then(refuses('policy-not-found'));
    policy.given(defined(), removed).when(configure()).then(records('PolicyDefined', born));
    expect(policy.given(defined(), removed).state).toMatchObject({ status: 'removed', enabled: false, version: 1 });
    expect(policy.given(defined(), removed, defined()).state).toMatchObject({ status: 'present', version: 2 });
  });

  it('of the file is changed by the file, unless it is detached', () => {
    policy
      .given(defined())
      .when(configure({ managedBy: 'api' }))
      .then(refuses('managed-by-config'));
    policy.given(defined()).when(switchTo(false, 'api')).then(refuses('managed-by-config'));
    policy
      .given(defined())
      .when(remove({ managedBy: 'api' }))
      .then(refuses('managed-by-config'));
    policy
      .given(defined())
      .when(configure({ managedBy: 'api', detach: true }))
      .then(records('PolicyChanged', { changed: ['managedBy'], managedBy: 'api' }));
  });

  it('is not changed from settings that are no longer its own', () => {
    const api = defined({ managedBy: 'api' });
    const change = { settings: preventive, managedBy: 'api' } as const;
    policy
      .given(api)
      .when(configure({ ...change, ifVersion: 2 }))
      .then(refuses('policy-stale'));
    policy
      .given(api)
      .when(configure({ ...change, ifVersion: 1 }))
      .then(records('PolicyChanged'));
    policy
      .given(api)
      .when(remove({ managedBy: 'api', ifVersion: 2 }))
      .then(refuses('policy-stale'));
    policy
      .given()
      .when(configure({ ...change, ifVersion: 1 }))
      .then(refuses('policy-not-found'));
  });

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(defined());
    expect(() => policyDecider.evolve(policyDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
      'A policy cannot fold Other.',
    );
  });
});
