import { clientSecretHash } from '#libs/openid-provider';
import type { SecretValues } from '#libs/vault';
import type { Configuration, ConnectionConfiguration } from './configuration.schema.js';

/** A secret to be stored before anything refers to it. */
export interface SecretToStore {
  readonly tenant: string;
  readonly value: string;
}

/** A secret that is meant by its fingerprint. */
export interface NamedSecret {
  readonly tenant: string;
  readonly fingerprint: string;
}

/** A configuration that can be shown, hashed and recorded: each secret is replaced by its fingerprint. */
export interface SealedConfiguration {
  readonly configuration: Configuration;
  /** What stands behind the fingerprints. */
  readonly secrets: readonly SecretToStore[];
  /** Fingerprints that it named itself: their values must be stored already. */
  readonly named: readonly NamedSecret[];
}

const FINGERPRINT = /^hmac:[0-9a-f]{64}$/;

/** Whether a text names a secret that is stored already. */
export const isFingerprint = (text: string): boolean => FINGERPRINT.test(text);

/**
 * Replaces the secrets of every connection and client, and of every webhook, by their fingerprints. Fingerprints are keyed and differ between tenants: nobody can find a weak
 * secret by trying, neither in a plan nor in a hash over it. A fingerprint stays what it is.
 * @throws {SecretValueRefusedError} for a secret that cannot be kept
 */
export function sealSecrets(
  configuration: Configuration,
  vault: Pick<SecretValues, 'fingerprintOf'>,
): SealedConfiguration {
  const secrets: SecretToStore[] = [];
  const named: NamedSecret[] = [];
  const tenants = configuration.tenants.map((tenant) => {
    const connections = tenant.connections.map((connection) => {
      const sealed = sealConnection(tenant.id, connection, vault);
      secrets.push(...sealed.secrets);
      named.push(...sealed.named);
      return sealed.connection;
    });
    // secrets of clients are only ever compared: their hash is all that is kept
    const clients = tenant.clients.map(({ clientSecret: secret, ...client }) => ({
      ...client,
      clientSecret:
        secret && (isFingerprint(secret) ? secret : clientSecretHash(vault, tenant.id, client.clientId, secret)),
    }));
    const seal = sealing(tenant.id, vault, { secrets, named });
    return {
      ...tenant,
      connections,
      clients,
      notices: { webhook: withSealedSecret(tenant.notices.webhook, seal) },
      reports: tenant.reports.map(({ deliver, ...report }) => ({
        ...report,
        deliver: { ...deliver, webhook: withSealedSecret(deliver.webhook, seal) },
      })),
    };
  });
  return { configuration: { ...configuration, tenants }, secrets, named };
}

/** The same for one connection. @throws {SecretValueRefusedError} */
export function sealConnection(
  tenant: string,
  connection: ConnectionConfiguration,
  vault: Pick<SecretValues, 'fingerprintOf'>,
): Omit<SealedConfiguration, 'configuration'> & { readonly connection: ConnectionConfiguration } {
  const secrets: SecretToStore[] = [];
  const named: NamedSecret[] = [];
  return { connection: withSealed(connection, sealing(tenant, vault, { secrets, named })), secrets, named };
}

type Seal = (value: string) => string;

/** Puts down what it replaces. */
function sealing(
  tenant: string,
  vault: Pick<SecretValues, 'fingerprintOf'>,
  { secrets, named }: { readonly secrets: SecretToStore[]; readonly named: NamedSecret[] },
): Seal {
  return (value) => {
    if (isFingerprint(value)) {
      named.push({ tenant, fingerprint: value });
      return value;
    }
    secrets.push({ tenant, value });
    return vault.fingerprintOf(tenant, value);
  };
}

function withSealedSecret<T extends { readonly secret: string }>(webhook: T | null, seal: Seal): T | null {
  return webhook && { ...webhook, secret: seal(webhook.secret) };
}

function withSealed(connection: ConnectionConfiguration, seal: Seal): ConnectionConfiguration {
  const maybe = (value: string | null) => value && seal(value);
  const { oidc, oauth2, signals } = connection;
  return {
    ...connection,
    oidc: oidc && {
      ...oidc,
      clientSecret: maybe(oidc.clientSecret),
      graph: oidc.graph && { ...oidc.graph, clientSecret: seal(oidc.graph.clientSecret) },
    },
    oauth2: oauth2 && { ...oauth2, clientSecret: maybe(oauth2.clientSecret) },
    signals: signals && { ...signals, bearer: maybe(signals.bearer), eventHook: maybe(signals.eventHook) },
  };
}
