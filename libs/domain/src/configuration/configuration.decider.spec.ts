import { deciding, type Fact, historyOf, nothing, records } from '#libs/testing';
import { configurationDecider } from './configuration.decider.js';

const configuration = deciding(configurationDecider);
const [first, second] = ['1'.repeat(64), '2'.repeat(64)];
const applied = (hash: string) => ({ hash, changes: 3, prune: false });
const held = (hash: string) => ({ hash, losing: 40, of: 100, limitPercent: 10 });
const fact = (type: string, data: object): Fact => ({
  category: 'configuration',
  tenant: 'installation',
  id: 'file',
  event: () => ({ type, data }),
});
const wasApplied = (hash: string) => fact('ConfigurationApplied', applied(hash));
const wasHeld = (hash: string) => fact('ConfigurationHeld', held(hash));

describe('the configuration as a whole', () => {
  it('records that a file was applied, and knows it by its hash', () => {
    configuration
      .given()
      .when({ type: 'RecordConfigurationApplied', data: applied(first) })
      .then(records('ConfigurationApplied', applied(first)));
    expect(configuration.given(wasApplied(first)).state).toEqual({ appliedHash: first, heldHash: null });
  });

  it('records once that a file waits for confirmation', () => {
    const hold = { type: 'RecordConfigurationHeld', data: held(second) } as const;
    configuration
      .given(wasApplied(first))
      .when(hold)
      .then(records('ConfigurationHeld', held(second)));
    configuration.given(wasApplied(first), wasHeld(second)).when(hold).then(nothing);
  });

  it('keeps the old state while a file waits', () =>
    expect(configuration.given(wasApplied(first), wasHeld(second)).state).toEqual({
      appliedHash: first,
      heldHash: second,
    }));

  it('waits for nothing once a file is applied', () =>
    expect(configuration.given(wasHeld(first), wasApplied(second)).state).toEqual({
      appliedHash: second,
      heldHash: null,
    }));

  it('stops at a fact that it does not know', () => {
    const [event] = historyOf(wasApplied(first));
    expect(() =>
      configurationDecider.evolve(configurationDecider.initialState, { ...event, type: 'Other' } as never),
    ).toThrow('The configuration cannot fold Other.');
  });
});
