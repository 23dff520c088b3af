import type { RoleSettings } from '#libs/contracts';

interface BuiltInRole {
  readonly id: string;
  readonly owner: null;
  readonly settings: RoleSettings;
}

/** The roles of Gatebook's own application, which every tenant has; granted like any other role. */
export function builtInRoles(): BuiltInRole[] {
  return [
    builtIn('gatebook.admin', 'Gatebook administrator', true, 'high'),
    builtIn('gatebook.auditor', 'Gatebook auditor', true, 'medium'),
    builtIn('gatebook.reviewer', 'Gatebook reviewer', false, 'low'),
    builtIn('gatebook.owner', 'Gatebook role owner', false, 'low'),
  ];
}

function builtIn(id: string, name: string, privileged: boolean, risk: RoleSettings['risk']): BuiltInRole {
  return { id, owner: null, settings: { application: 'gatebook', name, privileged, risk, maxDuration: null } };
}
