import { WITHHELD, withheld } from '../page.js';
import type { AccountRecord } from './accounts.queries.js';

/** An account as the API shows it. */
export interface AccountResource {
  readonly id: string;
  readonly tenant: string;
  readonly directory: string;
  readonly kind: string;
  readonly sponsor: string | null;
  readonly expiresAt: string | null;
  readonly status: string;
  readonly userName: string;
  readonly displayName: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly employeeNumber: string | null;
  readonly employeeType: string | null;
  readonly title: string | null;
  readonly department: string | null;
  readonly costCenter: string | null;
  readonly manager: { readonly value: string; readonly account: string | null } | null;
  readonly attributes: { readonly [name: string]: readonly string[] };
  readonly source: { readonly connection: string | null; readonly protocol: string };
  readonly provisionedAt: string;
  readonly lastSignInAt: string | null;
  /** Ids of the roles held now. */
  readonly roles: readonly string[];
  readonly links: readonly { readonly connection: string; readonly subject: string }[];
  /** Present when a fact about the account could not be taken in: what is shown may be out of date. */
  readonly degraded?: true;
}

/** @param personal whether the caller may see personal data; if not, it reads `[withheld]` where there is any */
export function toAccountResource(row: AccountRecord, personal: boolean): AccountResource {
  const shown = <T extends string | null>(value: T) => (personal ? value : (withheld(value) as T));
  return {
    id: row.account,
    tenant: row.tenant,
    directory: row.directory,
    kind: row.kind,
    sponsor: shown(row.sponsor),
    expiresAt: row.expires_at?.toISOString() ?? null,
    status: row.status,
    userName: shown(row.user_name),
    displayName: shown(row.display_name),
    givenName: shown(row.given_name),
    familyName: shown(row.family_name),
    email: shown(row.email),
    externalId: shown(row.external_id),
    employeeNumber: shown(row.employee_number),
    employeeType: shown(row.employee_type),
    title: shown(row.title),
    department: shown(row.department),
    costCenter: shown(row.cost_center),
    manager: row.manager === null ? null : { value: shown(row.manager), account: row.manager_account },
    attributes: personal ? row.attributes : withheldAttributes(row.attributes),
    source: { connection: row.source_connection, protocol: row.source_protocol },
    provisionedAt: row.provisioned_at.toISOString(),
    lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
    roles: row.roles,
    links: row.links.map(({ connection, subject }) => ({ connection, subject: shown(subject) })),
    ...(row.degraded ? { degraded: true } : {}),
  };
}

/** Names of attributes come from the operator's mapping and stay; their values go. */
const withheldAttributes = (attributes: AccountResource['attributes']) =>
  Object.fromEntries(Object.keys(attributes).map((name) => [name, [WITHHELD]]));
