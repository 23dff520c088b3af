import type { MetadataFacts, SamlConnection } from '#libs/contracts';
import { type IdentityProviderMetadata, MetadataError, parseMetadata } from '#libs/federation';
import { DomainError } from '#libs/kernel';
import { ConfigurationInvalidError, type ConfigurationProblem } from './configuration.errors.js';
import type { Configuration, ConnectionConfiguration } from './configuration.schema.js';

/** Most certificates of a connection: two signers with an old, a current and a next one. */
const CERTIFICATES_MAX = 6;

/** The metadata is well-formed, and lacks what a sign-in needs. */
export class MetadataUnusableError extends DomainError {
  readonly code = 'metadata-unusable';
  readonly kind = 'invalid';
  constructor(lacks: string) {
    super(
      `The metadata of the identity provider does not name ${lacks}. Ask for its metadata as a SAML 2.0 identity provider.`,
    );
  }
}

/**
 * Reads the metadata that connections were given as a file, and puts what it says in its place: entity id, addresses, certificates.
 * @throws {ConfigurationInvalidError} naming each connection whose metadata cannot be used
 */
export async function withMetadataFiles(configuration: Configuration, now: Date): Promise<Configuration> {
  const problems: ConfigurationProblem[] = [];
  const tenants = await Promise.all(
    configuration.tenants.map(async (tenant, index) => ({
      ...tenant,
      connections: await Promise.all(
        tenant.connections.map((connection, at) =>
          withMetadataFile(connection, now).catch((error: unknown) => {
            if (!(error instanceof MetadataError || error instanceof MetadataUnusableError)) throw error;
            const path = `tenants[${index}].connections[${at}].saml.metadataFile`;
            problems.push({ line: null, path, problem: error.message });
            return connection;
          }),
        ),
      ),
    })),
  );
  if (problems.length > 0) throw new ConfigurationInvalidError(problems);
  return { ...configuration, tenants };
}

/** The same for one connection. @throws {MetadataError} */
export async function withMetadataFile(
  connection: ConnectionConfiguration,
  now: Date,
): Promise<ConnectionConfiguration> {
  const { saml } = connection;
  if (!saml?.metadataFile) return connection;
  const expected = saml.idpEntityId === null ? {} : { expectedEntityId: saml.idpEntityId };
  const found = await parseMetadata(saml.metadataFile, { now, ...expected });
  const { validUntil: _validUntil, ...facts } = metadataFactsOf(found, saml);
  const signRequests = saml.signRequests || found.wantAuthnRequestsSigned;
  const logout = saml.sloUrl === null ? {} : { sloUrl: saml.sloUrl, sloBinding: saml.sloBinding };
  return { ...connection, saml: { ...saml, ...facts, ...logout, signRequests, metadataFile: null } };
}

/**
 * What metadata says, as a connection keeps it. Of two bindings the preferred one is taken where there are both.
 * @param preferred bindings of the connection's settings
 * @throws {MetadataUnusableError} when the identity provider names no address that we could send people to, or no certificate
 */
export function metadataFactsOf(
  { entityId, ssoUrls, sloUrls, signingCertificates, validUntil }: IdentityProviderMetadata,
  preferred: Pick<SamlConnection, 'requestBinding' | 'sloBinding'>,
): MetadataFacts {
  const requestBinding = bindingOf(ssoUrls, preferred.requestBinding);
  const ssoUrl = requestBinding && ssoUrls[requestBinding];
  if (!requestBinding || !ssoUrl)
    throw new MetadataUnusableError('an address for sign-on by HTTP-Redirect or HTTP-POST');
  if (signingCertificates.length === 0) throw new MetadataUnusableError('a certificate that signs');
  const sloBinding = bindingOf(sloUrls, preferred.sloBinding) ?? preferred.sloBinding;
  return {
    idpEntityId: entityId,
    ssoUrl,
    requestBinding,
    sloUrl: sloUrls[sloBinding]?.url ?? null,
    sloBinding,
    certificates: signingCertificates.slice(0, CERTIFICATES_MAX),
    validUntil,
  };
}

type Binding = SamlConnection['requestBinding'];

function bindingOf(urls: Readonly<Record<Binding, unknown>>, preferred: Binding): Binding | null {
  const other = preferred === 'redirect' ? 'post' : 'redirect';
  return urls[preferred] !== null ? preferred : urls[other] !== null ? other : null;
}
