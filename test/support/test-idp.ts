import { randomUUID } from 'node:crypto';
import type { createIdentityProviderKey, SamlResponseSpec } from '#libs/saml-idp';

/** Someone whom the test's own identity provider vouches for. */
export interface TestPerson {
  readonly nameId: string;
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly groups?: readonly string[] | 'absent';
}

/** The key pair of the test's identity provider; made once per test file. */
export type IdentityProviderKey = Awaited<ReturnType<typeof createIdentityProviderKey>>;

const IDP = 'https://idp.example/metadata';

const DEFAULT_RULES = `
          - { id: everyone, when: always, grant: [crm.reader] }
          - { id: admins, when: { group: crm-admins }, grant: [crm.admin] }`;

/** The configuration of two customers, `acme` and `globex`, with the rules as given. */
export function configurationOf(certificatePem: string, rules = DEFAULT_RULES): string {
  const connection = (id: string, domain: string) => `
      - id: ${id}
        protocol: saml
        directory: staff
        domains: [${domain}]
        jit: { create: true, update: everySignIn, required: [email] }
        trustEmail: true
        saml:
          idpEntityId: ${IDP}
          ssoUrl: https://idp.example/sso
          certificates: [${JSON.stringify(certificatePem)}]
        attributes: { userName: email, email: email, givenName: firstName, familyName: lastName }
        rules:${rules}`;
  const tenant = (id: string, connections: string) => `
  - id: ${id}
    directories: [{ id: staff }]
    roles:
      - { id: crm.reader, application: crm, name: CRM reader }
      - { id: ${id}.only, application: crm, name: Only here }
      - { id: crm.admin, application: crm, name: CRM administrator, privileged: true, risk: high, maxDuration: PT8H }
    connections:${connections}`;
  const closed = `${connection('closed', 'acme.example')}`.replace(
    'directory: staff',
    'directory: staff\n        enabled: false',
  );
  return `apiVersion: gatebook/v1\ntenants:${tenant('acme', connection('corp', 'acme.example') + closed)}${tenant('globex', connection('globex-sso', 'globex.example'))}\n`;
}

/** What an honest identity provider would say about a person. */
export function honest(
  gatebook: string,
  connection: string,
  person: TestPerson,
  key: IdentityProviderKey,
): SamlResponseSpec {
  const base = `${gatebook}/saml/${connection}`;
  const groups = person.groups === 'absent' ? [] : [{ name: 'groups', values: person.groups ?? [] }];
  return {
    key,
    idpEntityId: IDP,
    acsUrl: `${base}/acs`,
    audience: `${base}/metadata`,
    responseId: `_${randomUUID()}`,
    assertionId: `_${randomUUID()}`,
    nameId: { value: person.nameId, format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
    attributes: [
      { name: 'email', values: [person.email] },
      { name: 'firstName', values: [person.firstName ?? 'Ada'] },
      { name: 'lastName', values: [person.lastName ?? 'Lovelace'] },
      ...groups,
    ],
    now: new Date(),
    sign: 'assertion',
  };
}
