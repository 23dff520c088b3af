import { heldChangeDecider } from '#libs/domain';
import type { HoldableChange } from './holdable-change.js';
import { type KeptChange, keep, kept } from './kept-change.js';

/** Goal: whom a change names stands apart from it, so that what is unreadable of a person is unreadable here too. */

const ada = 'ada@acme.example';
const policy = {
  kind: 'policy',
  tenant: 'acme',
  id: 'quarterly',
  keepsEnabled: true,
  command: {
    type: 'ConfigurePolicy',
    data: {
      policy: 'quarterly',
      enabled: false,
      managedBy: 'api',
      reason: null,
      settings: {
        kind: 'review',
        scope: { people: [ada], roles: ['crm.reader'] },
        stages: [{ reviewers: [{ part: 'manager' }, { principal: ada }], fallback: ['bo', ada] }],
        escalation: { to: ['cleo'] },
        signOff: null,
      },
    },
  },
} as unknown as HoldableChange;
const role = {
  kind: 'role',
  tenant: 'acme',
  id: 'crm.reader',
  detach: true,
  command: { type: 'DefineRole', data: { role: 'crm.reader', settings: {}, owner: ada, managedBy: 'api' } },
} as unknown as HoldableChange;
const connection = {
  kind: 'connection',
  tenant: 'acme',
  id: 'okta',
  command: { type: 'ConfigureConnection', data: { settings: { rules: [{ person: 0 }] } } },
} as unknown as HoldableChange;
const read = ({ kind, id }: HoldableChange, { command, people }: KeptChange) =>
  kept('acme', { ...heldChangeDecider.initialState, kind, target: id, command, people });

describe('a change that is kept', () => {
  it.each([
    ['a policy', policy, [ada, 'bo', 'cleo']],
    ['a role', role, [ada]],
    ['a role that nobody answers for', { ...role, command: { ...role.command, data: { owner: null } } }, []],
    ['a connection, whose settings name nobody', connection, []],
  ] as [string, HoldableChange, string[]][])('is read as it was: %s', (_what, change, people) => {
    const text = keep(change);
    expect([...text.people].sort()).toEqual([...people].sort());
    for (const person of people) expect(text.command).not.toContain(person);
    expect(read(change, text)).toEqual(change);
  });

  it('is no more once somebody whom it names was erased', () => {
    const { command, people } = keep(policy);
    const erased = people.map((person) => (person === 'bo' ? '[erased]' : person));
    expect(read(policy, { command, people: erased })).toBeNull();
  });

  it('is no more once its own key is gone', () => expect(read(policy, { command: '[erased]', people: [] })).toBeNull());
});
