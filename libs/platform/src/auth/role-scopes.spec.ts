import type { Scope } from '#libs/contracts';
import type { Caller } from './caller.js';
import { requireOwnScopes, scopesOfRoles } from './role-scopes.js';

const callerWith = (...scopes: Scope[]): Caller => ({
  actor: { kind: 'key', id: 'k' },
  tenant: 'acme',
  scopes: new Set(scopes),
  via: 'key',
});

describe('roles of Gatebook itself', () => {
  it('give scopes; roles of other applications, and names such as constructor, give none', () => {
    expect([...scopesOfRoles(['gatebook.auditor', 'crm.admin', 'constructor', '__proto__'])]).toEqual([
      'audit:read',
      'personal:read',
      'reports:write',
    ]);
  });

  it('are given only by whoever has all that they give', () => {
    const administrator = scopesOfRoles(['gatebook.admin']);
    expect(() => requireOwnScopes(callerWith('accounts:write'), administrator)).toThrow(/audit:read/);
    expect(() => requireOwnScopes(callerWith(...administrator), administrator)).not.toThrow();
    expect(() => requireOwnScopes(callerWith('accounts:write'), scopesOfRoles(['crm.admin']))).not.toThrow();
  });
});
