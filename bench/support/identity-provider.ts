import { randomUUID } from 'node:crypto';
import {
  buildSamlResponse,
  createIdentityProviderKey,
  encodeSamlResponse,
  type IdentityProviderKey,
  type SamlResponseSpec,
} from '#libs/saml-idp';
import { CONNECTION, emailOf, GROUPS, writeTenant } from './configuration.js';

const IDP = 'https://idp.example/metadata';

/** The identity provider of the benchmarks. */
export const newIdentityProviderKey = (): Promise<IdentityProviderKey> =>
  createIdentityProviderKey({ commonName: 'identity provider of the benchmarks', now: new Date() });

/** Writes the configuration of one tenant with one SAML connection. @returns its path */
export function writeConfiguration(
  folder: string,
  { certificatePem }: IdentityProviderKey,
  clients: readonly string[] = [],
): string {
  const certificates = `[${JSON.stringify(certificatePem)}]`;
  return writeTenant(folder, {
    protocol: 'saml',
    settings: `{ idpEntityId: "${IDP}", ssoUrl: "https://idp.example/sso", certificates: ${certificates} }`,
    names: { given: 'firstName', family: 'lastName' },
    clients,
  });
}

/** What an honest answer to a request of Gatebook at `url` says of a person: one signed assertion with 20 groups. */
export function honestAnswer(
  key: IdentityProviderKey,
  url: string,
  person: string,
  requestId: string,
): SamlResponseSpec {
  const connection = `${url}/saml/${CONNECTION}`;
  return {
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
  };
}

/** The same, as it is posted: base64. */
export const answerFor = (...about: Parameters<typeof honestAnswer>): string =>
  encodeSamlResponse(buildSamlResponse(honestAnswer(...about)));
