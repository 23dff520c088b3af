import type { CatalogView } from '#libs/catalog';
import type { GrantSource, Profile } from '#libs/contracts';
import type { AccountState, Grant } from '#libs/domain';
import type { GrantInScope } from '#libs/read-model';

/** A grant that may be put to reviewers, with what has to be known about it and its holder. */
export interface Candidate {
  readonly account: string;
  /** Null where a role was kept back. */
  readonly grant: string | null;
  readonly role: string;
  readonly source: GrantSource | null;
  /** Since when it is open; null where there is no grant. */
  readonly from: string | null;
  readonly application: string;
  readonly privileged: boolean;
  /** Principal; null where the role has no owner. */
  readonly roleOwner: string | null;
  readonly provisionedAt: string;
  readonly department: string | null;
  readonly title: string | null;
  readonly manager: string | null;
  /** In which the manager's name counts. */
  readonly directory: string;
  readonly employeeType: string | null;
}

/** What the catalogue says about a role, retired or not. */
export function roleFacts(catalog: CatalogView, tenant: string, role: string) {
  const state = catalog.role(tenant, role);
  return {
    application: state?.settings?.application ?? '',
    privileged: state?.settings?.privileged ?? false,
    roleOwner: state?.owner ?? null,
  };
}

/** Of the read model, for reviews of many. */
export function candidateOf(found: GrantInScope, catalog: CatalogView, tenant: string): Candidate {
  const { account, directory, grant, role, source, from, provisionedAt } = found;
  const { department, title, manager, employeeType } = found;
  return {
    account,
    grant,
    role,
    source: source as GrantSource,
    from: instantOf(from),
    provisionedAt: instantOf(provisionedAt),
    department,
    title,
    manager,
    directory,
    employeeType,
    ...roleFacts(catalog, tenant, role),
  };
}

/** Of an account's own stream. */
export function candidateFrom(
  state: AccountState,
  { role, grant }: { readonly role: string; readonly grant: Grant | null },
  {
    catalog,
    tenant,
    provisionedAt,
  }: { readonly catalog: CatalogView; readonly tenant: string; readonly provisionedAt: string },
): Candidate {
  const profile: Partial<Profile> = typeof state.profile === 'object' && state.profile ? state.profile : {};
  const { department = null, title = null, manager = null, employeeType = null } = profile;
  return {
    account: state.id,
    grant: grant?.id ?? null,
    role,
    source: grant?.source ?? null,
    from: grant?.from ?? null,
    provisionedAt,
    department,
    title,
    manager,
    directory: state.directory,
    employeeType,
    ...roleFacts(catalog, tenant, role),
  };
}

const instantOf = (at: Date | string): string => (typeof at === 'string' ? at : at.toISOString());
