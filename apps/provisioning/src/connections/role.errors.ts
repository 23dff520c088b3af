import { DomainError } from '#libs/kernel';

/** The catalogue has a live role of this id. */
export class RoleExistsError extends DomainError {
  readonly code = 'role-exists';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`There is a role ${id} already. Change it with PATCH, or choose another id.`);
  }
}

/** Roles of Gatebook's own application belong to it. */
export class BuiltInRoleError extends DomainError {
  readonly code = 'role-built-in';
  readonly kind = 'conflict';
  constructor() {
    super('Roles that begin with gatebook. are built in: they can be granted, and not changed.');
  }
}
