import type { RoleSettings } from '#libs/contracts';
import { connectionSettings, rule } from '#libs/testing';
import { type ConnectionBeforeOrAfter, changeAreas, type RoleBeforeOrAfter } from './change-areas.js';

const connection = (over: Parameters<typeof connectionSettings>[0] = {}, enabled = true): ConnectionBeforeOrAfter => ({
  settings: connectionSettings(over),
  enabled,
});
const okta = connection();
const areasOf = (after: ConnectionBeforeOrAfter | null, before: ConnectionBeforeOrAfter | null = okta) =>
  changeAreas({ kind: 'connection', before, after });

describe('a change of a connection touches', () => {
  it('nothing where nothing changes', () => expect([areasOf(connection()), areasOf(null, null)]).toEqual([[], []]));

  it('connections, where one comes or goes, or begins to admit people', () =>
    expect([areasOf(okta, null), areasOf(null), areasOf(okta, connection({}, false))]).toEqual([
      ['connections'],
      ['connections'],
      ['connections'],
    ]));

  it('nothing where it is only switched off', () => expect(areasOf(connection({}, false))).toEqual([]));

  it('rules, where rules, mapping or admission change', () =>
    expect([
      areasOf(connection({ rules: [rule('sales', 'sales', ['crm.reader'])] })),
      areasOf(connection({ attributes: { ...okta.settings.attributes, department: 'dept' } })),
      areasOf(connection({ admission: { ...okta.settings.admission, invitationOnly: true } })),
      areasOf(connection({ jit: { ...okta.settings.jit, create: !okta.settings.jit.create } })),
    ]).toEqual([['rules'], ['rules'], ['rules'], ['rules']]));

  it('connections, where anything else changes', () =>
    expect([areasOf(connection({ trustEmail: !okta.settings.trustEmail }))]).toEqual([['connections']]));

  it('both, where both change', () =>
    expect(areasOf(connection({ linking: 'verifiedEmail', rules: [rule('sales', 'sales', ['crm.reader'])] }))).toEqual([
      'connections',
      'rules',
    ]));

  it('both, where the mapping would make people somebody else', () =>
    expect(areasOf(connection({ attributes: { ...okta.settings.attributes, email: 'anything' } }))).toEqual([
      'connections',
      'rules',
    ]));
});

const role = (over: Partial<RoleSettings> = {}, owner: string | null = null): RoleBeforeOrAfter => ({
  settings: { application: 'crm', name: 'CRM', privileged: true, risk: 'low', maxDuration: null, ...over },
  owner,
});

it.each<[string, RoleBeforeOrAfter | null, RoleBeforeOrAfter | null, string[]]>([
  ['a new privileged role', null, role(), ['privilegedRoles']],
  ['a role that becomes privileged', role({ privileged: false }), role(), ['privilegedRoles']],
  ['a role that ceases to be', role(), role({ privileged: false }), ['privilegedRoles']],
  ['another owner of one', role(), role({}, 'olga@acme.example'), ['privilegedRoles']],
  ['another longest life of one', role(), role({ maxDuration: 'PT1H' }), ['privilegedRoles']],
  ['one that is retired', role(), null, ['privilegedRoles']],
  ['one as it was', role(), role(), []],
  ['an ordinary role', null, role({ privileged: false }), []],
  ['an ordinary role that changes', role({ privileged: false }), role({ privileged: false, risk: 'high' }), []],
])('%s touches as it should', (_what, before, after, areas) =>
  expect(changeAreas({ kind: 'role', before, after })).toEqual(areas),
);

it.each<[string, unknown, unknown, string[]]>([
  ['a new policy', null, { enabled: true }, ['policies']],
  ['a policy that is switched off', { enabled: true }, { enabled: false }, ['policies']],
  ['a policy that is removed', { enabled: true }, null, ['policies']],
  [
    'a policy as it was',
    { enabled: true, settings: { kind: 'sod' } },
    { settings: { kind: 'sod' }, enabled: true },
    [],
  ],
])('%s touches as it should', (_what, before, after, areas) =>
  expect(changeAreas({ kind: 'policy', before, after })).toEqual(areas),
);
