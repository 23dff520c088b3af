import { Inject, Injectable } from '@nestjs/common';
import { importPKCS8 } from 'jose';
import {
  jwtSettingsOf,
  oauth2SettingsOf,
  oidcSettingsOf,
  samlSettingsOf,
  serviceProviderOf,
} from '#libs/configuration';
import type { ConnectionSettings } from '#libs/contracts';
import { SignInRefusedError } from '#libs/domain';
import type { createSpMetadata, JwtSettings, OAuth2Settings, OidcSettings, SamlSettings } from '#libs/federation';
import { CLOCK, type Clock, ENVIRONMENT, type Environment, KEY_PAIRS, SECRET_VALUES } from '#libs/platform';
import type { KeyPairs, SecretValues } from '#libs/vault';
import { ConnectionNotReadyError } from './connection-not-ready.error.js';
import type { KnownConnection } from './known-connection.js';
import { encryptionCertificates, ownKeys, usesOwnKeys } from './saml-keys.js';

/** How long keys and secrets that were looked up are used before they are looked up again: a rotated key is in use within it. */
const LOOKED_UP_FOR_MS = 60_000;

/** Algorithm of the client's own assertions (`private_key_jwt`): our key pairs are RSA. */
export const CLIENT_ASSERTION_ALGORITHM = 'RS256';

type ServiceProvider = Parameters<typeof createSpMetadata>[0];

interface LookedUp {
  readonly settings: Promise<unknown>;
  readonly until: number;
}

/**
 * What a connection's settings mean for its protocol: addresses of ours, secrets and keys from the vault. One object for each version of a
 * connection while its keys stay, since verifiers and clients keep by it what they have checked and fetched.
 */
@Injectable()
export class ProtocolSettings {
  readonly #lookedUp = new WeakMap<ConnectionSettings, LookedUp>();

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'publicUrl'>,
    @Inject(SECRET_VALUES) private readonly secrets: SecretValues,
    @Inject(KEY_PAIRS) private readonly keys: KeyPairs,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws {MetadataNotReadError} until the metadata of the identity provider have been read
   * @throws {SignInRefusedError} `provider-metadata-expired` from the end of what was read: its keys may be withdrawn by now
   */
  async saml({ id, tenant, settings, metadata }: KnownConnection): Promise<SamlSettings> {
    if (metadata?.validUntil && metadata.validUntil <= this.clock.now().toISOString())
      throw new SignInRefusedError('provider-metadata-expired');
    const { publicUrl } = this.environment;
    const { saml } = settings;
    if (saml === null || !usesOwnKeys(saml)) return samlSettingsOf(id, settings, publicUrl);
    const keys = await this.#looked(settings, () => ownKeys(saml, tenant, this.keys));
    return samlSettingsOf(id, settings, publicUrl, keys);
  }

  /** What we tell about ourselves to the identity provider, which often has to come before anything is known of it. */
  async serviceProvider({ id, tenant, settings }: KnownConnection): Promise<ServiceProvider> {
    const { publicUrl } = this.environment;
    const { saml } = settings;
    if (saml === null) throw new ConnectionNotReadyError('it does not speak SAML.');
    const { entityId, acsUrl } = serviceProviderOf(id, settings, publicUrl);
    const { signingKey } = await ownKeys(saml, tenant, this.keys);
    return {
      spEntityId: entityId,
      acsUrl,
      spSloUrl: `${publicUrl}/saml/${id}/slo`,
      requireSigned: saml.requireSigned,
      signRequests: saml.signRequests,
      signingKey,
      encryptionCertificates: await encryptionCertificates(saml, tenant, this.keys),
    };
  }

  /** @throws {SecretValueMissingError} */
  oidc({ id, tenant, settings }: KnownConnection): Promise<OidcSettings> {
    const { oidc } = settings;
    if (!oidc) throw new ConnectionNotReadyError('it does not speak OpenID Connect.');
    return this.#looked(settings, async () =>
      oidcSettingsOf(id, oidc, {
        publicUrl: this.environment.publicUrl,
        clientSecret: await this.secret(tenant, oidc.clientSecret),
        privateKey: oidc.tokenEndpointAuthMethod === 'private_key_jwt' ? await this.#clientKey(tenant) : null,
      }),
    );
  }

  /** @throws {SecretValueMissingError} */
  oauth2({ id, tenant, settings }: KnownConnection): Promise<OAuth2Settings> {
    const { oauth2 } = settings;
    if (!oauth2) throw new ConnectionNotReadyError('it does not speak OAuth 2.0.');
    return this.#looked(settings, async () =>
      oauth2SettingsOf(id, oauth2, {
        publicUrl: this.environment.publicUrl,
        clientSecret: await this.secret(tenant, oauth2.clientSecret),
      }),
    );
  }

  /** @throws {ConnectionNotReadyError} */
  jwt({ id, settings }: KnownConnection): Promise<JwtSettings> {
    const { jwt } = settings;
    if (!jwt) throw new ConnectionNotReadyError('it takes no tokens.');
    return this.#looked(settings, async () => jwtSettingsOf(id, jwt));
  }

  /** A secret of a connection by its fingerprint; null stays null. @throws {SecretValueMissingError} */
  async secret(tenant: string, fingerprint: string | null): Promise<string | null> {
    return fingerprint === null ? null : this.secrets.get(tenant, fingerprint);
  }

  async #clientKey(tenant: string): Promise<NonNullable<OidcSettings['privateKey']>> {
    const { kid, privateKeyPem } = await this.keys.current(tenant, 'oidc-client');
    return { kid, key: await importPKCS8(privateKeyPem, CLIENT_ASSERTION_ALGORITHM) };
  }

  #looked<Settings extends object>(of: ConnectionSettings, look: () => Promise<Settings>): Promise<Settings> {
    const now = this.clock.now().getTime();
    const found = this.#lookedUp.get(of);
    if (found && now < found.until) return found.settings as Promise<Settings>;
    const settings = keepingSame(found?.settings as Promise<Settings> | undefined, look);
    this.#lookedUp.set(of, { settings, until: now + LOOKED_UP_FOR_MS });
    // what could not be looked up is looked up again by whoever asks next
    settings.catch(() => this.#lookedUp.delete(of));
    return settings;
  }
}

/** The former object where nothing has changed: what was fetched for it stays good. */
async function keepingSame<Settings extends object>(
  former: Promise<Settings> | undefined,
  look: () => Promise<Settings>,
): Promise<Settings> {
  const [before, after] = [await former?.catch(() => undefined), Object.freeze(await look())];
  return before && sameSettings(before, after) ? before : after;
}

/** Keys of the client are objects that say nothing in JSON; their ids do. */
const sameSettings = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);
