import type { RoleSettings } from '#libs/contracts';
import { type Asked, deciding, historyOf, nothing, records, refuses, roleDefined, roleRetired } from '#libs/testing';
import { type DefineRole, type RetireRole, roleDecider } from './role.decider.js';

const role = deciding(roleDecider);
const settings: RoleSettings = {
  application: 'crm',
  name: 'crm.reader',
  privileged: false,
  risk: 'low',
  maxDuration: null,
};

describe('a role', () => {
  it('enters the catalogue', () =>
    role
      .given()
      .when(define({ owner: 'ada@acme.example' }))
      .then(records('RoleDefined', { role: 'crm.reader', settings, owner: 'ada@acme.example', managedBy: 'config' })));

  it('is defined again without anything happening', () =>
    role.given(roleDefined('crm.reader')).when(define()).then(nothing));

  it.each<[string, Partial<DefineRole['data']>]>([
    ['its settings', { settings: { ...settings, risk: 'high' } }],
    ['its owner', { owner: 'olga@acme.example' }],
  ])('changes with %s', (_, over) =>
    role.given(roleDefined('crm.reader')).when(define(over)).then(records('RoleChanged', over)),
  );

  it('leaves the catalogue', () =>
    role
      .given(roleDefined('crm.reader'))
      .when(retire())
      .then(records('RoleRetired', { role: 'crm.reader' })));

  it('leaves it once', () => {
    role.given().when(retire()).then(refuses('role-not-found'));
    role.given(roleDefined('crm.reader'), roleRetired('crm.reader')).when(retire()).then(refuses('role-not-found'));
  });

  it('may be defined again after it was retired', () =>
    role.given(roleDefined('crm.reader'), roleRetired('crm.reader')).when(define()).then(records('RoleDefined')));
});

describe('a role that the configuration file manages', () => {
  it('is changed and retired by the file alone', () => {
    role
      .given(roleDefined('crm.reader'))
      .when(define({ managedBy: 'api', owner: 'eve' }))
      .then(refuses('managed-by-config'));
    role.given(roleDefined('crm.reader')).when(retire('api')).then(refuses('managed-by-config'));
  });

  it('is anybody’s again when it is retired', () =>
    role
      .given(roleDefined('crm.reader'), roleRetired('crm.reader'))
      .when(define({ managedBy: 'api' }))
      .then(records('RoleDefined', { managedBy: 'api' })));
});

it('the fold of a role stops at a fact that it does not know', () => {
  const [event] = historyOf(roleDefined('crm.reader'));
  expect(() => roleDecider.evolve(roleDecider.initialState, { ...event, type: 'Other' } as never)).toThrow(
    'A role cannot fold Other.',
  );
});

function define(over: Partial<DefineRole['data']> = {}): Asked<DefineRole> {
  return {
    type: 'DefineRole',
    data: { role: 'crm.reader', settings, owner: null, managedBy: 'config', reason: null, ...over },
  };
}

function retire(managedBy: 'config' | 'api' = 'config'): Asked<RetireRole> {
  return { type: 'RetireRole', data: { managedBy, reason: null } };
}
