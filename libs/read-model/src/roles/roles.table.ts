import { type Table, table } from '../projecting/table.js';

/** One version of a role of the catalogue. */
export interface RoleRow {
  readonly tenant: string;
  readonly role: string;
  readonly status: string;
  readonly application: string;
  readonly name: string;
  readonly privileged: boolean;
  readonly risk: string;
  readonly max_duration: string | null;
  readonly owner: string | null;
  readonly managed_by: string;
}

/** The catalogue of roles, every version of it. */
export const rolesTable: Table<RoleRow> = table<RoleRow>('roles_v1', 'versioned', ['tenant', 'role'], {
  tenant: true,
  role: true,
  status: true,
  application: true,
  name: true,
  privileged: true,
  risk: true,
  max_duration: true,
  owner: true,
  managed_by: true,
});

/** The role catalogue as it stands. */
export const ROLES_SQL = `
create table read_model.roles_v1 (
  tenant text not null,
  role text not null,
  from_pos bigint not null,
  to_pos bigint,
  status text not null,
  application text not null,
  name text not null,
  privileged boolean not null,
  risk text not null,
  max_duration text,
  owner text,
  managed_by text not null,
  primary key (tenant, role, from_pos)
);
`;
