import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The one connection that the benchmarks sign in through. */
export const CONNECTION = 'corp';

/** Groups of every sample person. */
export const GROUPS = Array.from({ length: 20 }, (_, index) => `group-${String(index + 1).padStart(2, '0')}`);

/** Roles that each person is given: three of the twenty groups give one. */
export const ROLES = ['crm.reader', 'crm.editor', 'erp.reader'] as const;

/** The e-mail address of a sample person. */
export const emailOf = (person: string): string => `${person}@acme.example`;

/** What differs from one configuration to the next; YAML in flow style, each of one line. */
export interface TenantParts {
  readonly protocol: 'saml' | 'oidc';
  /** The block of the connection's protocol. */
  readonly settings: string;
  /** Names of the claims that the two parts of a name are in. */
  readonly names: { readonly given: string; readonly family: string };
  /** Applications that sign in through Gatebook. */
  readonly clients?: readonly string[];
}

/** Writes the configuration of one tenant with one connection. @returns its path */
export function writeTenant(folder: string, { protocol, settings, names, clients = [] }: TenantParts): string {
  const roles = ROLES.map((id) => `      - { id: ${id}, application: ${id.slice(0, 3)}, name: Role ${id} }`);
  const rules = ROLES.map(
    (id, index) => `          - { id: rule-${index}, when: { group: ${GROUPS[index * 7]} }, grant: [${id}] }`,
  );
  const path = join(folder, 'gatebook.yaml');
  writeFileSync(
    path,
    `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles:
${roles.join('\n')}
    connections:
      - id: ${CONNECTION}
        protocol: ${protocol}
        directory: staff
        domains: [acme.example]
        jit: { create: true, update: everySignIn, required: [email] }
        trustEmail: true
        ${protocol}: ${settings}
        attributes: { userName: email, email: email, givenName: ${names.given}, familyName: ${names.family} }
        rules:
${rules.join('\n')}
${clients.length > 0 ? `    clients:\n${clients.map((client) => `      - ${client}\n`).join('')}` : ''}`,
  );
  return path;
}
