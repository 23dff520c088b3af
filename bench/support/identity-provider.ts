import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSamlResponse,
  createIdentityProviderKey,
  encodeSamlResponse,
  type IdentityProviderKey,
} from '#libs/saml-idp';

const IDP = 'https://idp.example/metadata';
const GROUPS = Array.from({ length: 20 }, (_, index) => `group-${String(index + 1).padStart(2, '0')}`);

/** The one connection that the benchmarks sign in through. */
export const CONNECTION = 'corp';

/** Roles that each person is given: three of the twenty groups give one. */
export const ROLES = ['crm.reader', 'crm.editor', 'erp.reader'] as const;

/** The identity provider of the benchmarks. */
export const newIdentityProviderKey = (): Promise<IdentityProviderKey> =>
  createIdentityProviderKey({ commonName: 'identity provider of the benchmarks', now: new Date() });

/** Writes the configuration of one tenant with one connection. @returns its path */
export function writeConfiguration(folder: string, { certificatePem }: IdentityProviderKey): string {
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
        protocol: saml
        directory: staff
        domains: [acme.example]
        jit: { create: true, update: everySignIn, required: [email] }
        trustEmail: true
        saml:
          idpEntityId: ${IDP}
          ssoUrl: https://idp.example/sso
          certificates: [${JSON.stringify(certificatePem)}]
        attributes: { userName: email, email: email, givenName: firstName, familyName: lastName }
        rules:
${rules.join('\n')}
`,
  );
  return path;
}

/** The e-mail address of a sample person. */
export const emailOf = (person: string): string => `${person}@acme.example`;

/** Answers a request of Gatebook at `url` for a person: one signed assertion with 20 groups, base64. */
export function answerFor(key: IdentityProviderKey, url: string, person: string, requestId: string): string {
  const connection = `${url}/saml/${CONNECTION}`;
  return encodeSamlResponse(
    buildSamlResponse({
      key,
      idpEntityId: IDP,
      acsUrl: `${connection}/acs`,
      audience: `${connection}/metadata`,
      requestId,
      responseId: `_${randomUUID()}`,
      assertionId: `_${randomUUID()}`,
      nameId: { value: `id-of-${person}` },
      attributes: [
        { name: 'email', values: [emailOf(person)] },
        { name: 'firstName', values: [`First name of ${person}`] },
        { name: 'lastName', values: [`Last name of ${person}`] },
        { name: 'groups', values: GROUPS },
      ],
      now: new Date(),
      sign: 'assertion',
    }),
  );
}
