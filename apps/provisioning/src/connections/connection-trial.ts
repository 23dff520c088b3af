import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { InTenant } from '#libs/catalog';
import { metadataFactsOf, oidcSettingsOf, protocolProblem } from '#libs/configuration';
import type { ConnectionSettings, OidcConnection, SamlConnection } from '#libs/contracts';
import { type ConnectionState, ownedDomains } from '#libs/domain';
import { type Egress, plainHttpPermitted } from '#libs/egress';
import { certificateExpiry, fetchMetadata, OidcClient, parseMetadata } from '#libs/federation';
import { DomainError } from '#libs/kernel';
import { CLOCK, type Clock, EGRESS, ENVIRONMENT, type Environment, SECRET_VALUES } from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import type { CheckDto } from './connections.dto.js';

/** Largest key set that is looked at, characters. */
const KEY_SET_LENGTH_MAX = 262_144;

/** Certificates that end sooner are told, days. */
const CERTIFICATE_DAYS_LEFT_MIN = 30;

/**
 * Tries a connection without a person: looks at its settings, its certificates and secrets, and asks its provider what it publishes.
 * Signs nobody in and changes nothing.
 */
@Injectable()
export class ConnectionTrial {
  readonly #oidc: OidcClient;

  constructor(
    @Inject(EGRESS) private readonly egress: Egress,
    @Inject(SECRET_VALUES) private readonly secrets: SecretValues,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#oidc = new OidcClient({ fetch: egress.fetch, allowHttp: plainHttpPermitted(environment.egressAllow) });
  }

  async run(state: InTenant<ConnectionState>): Promise<CheckDto[]> {
    const { id, settings } = state;
    if (settings === null) return [];
    const { saml, oidc, oauth2, jwt } = settings;
    return [
      this.#settings(id, settings),
      ...(saml ? await this.#saml(saml) : []),
      ...(oidc ? [await this.#oidcDiscovery(state, oidc)] : []),
      ...(oauth2 ? [await this.#secret(state.tenant, oauth2.clientSecret)] : []),
      ...(jwt ? [await this.#keys(jwt.jwksUri)] : []),
      ...(settings.signals?.jwksUri ? [await this.#keys(settings.signals.jwksUri)] : []),
      ...domains(state, settings),
    ];
  }

  #settings(id: string, settings: ConnectionSettings): CheckDto {
    const wrong = protocolProblem(id, settings, this.environment.publicUrl);
    return { check: 'settings', passed: wrong === null, detail: wrong?.problem ?? 'The settings fit together.' };
  }

  async #saml(saml: SamlConnection): Promise<CheckDto[]> {
    const { metadata, certificates } = saml;
    const read = metadata ? [await this.#metadata(saml, metadata)] : [];
    const now = this.clock.now();
    return [
      ...read,
      ...certificates.map((pem, index) => {
        const { notAfter, daysLeft } = certificateExpiry(pem, now);
        const passed = daysLeft >= CERTIFICATE_DAYS_LEFT_MIN;
        return { check: `certificate ${index + 1}`, passed, detail: `It ends ${notAfter}, in ${daysLeft} days.` };
      }),
    ];
  }

  #metadata(
    saml: SamlConnection,
    { url, pinnedCertificate }: NonNullable<SamlConnection['metadata']>,
  ): Promise<CheckDto> {
    return attempt('metadata', async () => {
      const text = await fetchMetadata(url, this.egress.fetch);
      const found = await parseMetadata(text, {
        now: this.clock.now(),
        ...(saml.idpEntityId === null ? {} : { expectedEntityId: saml.idpEntityId }),
        ...(pinnedCertificate === null ? {} : { pinnedCertificate }),
      });
      const { idpEntityId, certificates } = metadataFactsOf(found, saml);
      return `It describes ${idpEntityId}, with ${certificates.length} certificates that sign.`;
    });
  }

  /** Begins a sign-in and drops it: that reads and checks what the provider publishes, as a real one does. */
  #oidcDiscovery({ id, tenant }: InTenant<ConnectionState>, oidc: OidcConnection): Promise<CheckDto> {
    return attempt('discovery', async () => {
      const clientSecret = oidc.clientSecret && (await this.secrets.get(tenant, oidc.clientSecret));
      const { publicUrl } = this.environment;
      const method = oidc.tokenEndpointAuthMethod === 'private_key_jwt' ? 'none' : oidc.tokenEndpointAuthMethod;
      const settings = {
        ...oidcSettingsOf(id, oidc, { publicUrl, clientSecret, privateKey: null }),
        tokenEndpointAuthMethod: method,
      };
      const [state, nonce, codeVerifier] = [random(), random(), random()];
      await this.#oidc.begin(settings, { state, nonce, codeVerifier, now: this.clock.now() });
      return `The provider calls itself ${oidc.issuer} and publishes what a sign-in needs.`;
    });
  }

  #keys(jwksUri: string): Promise<CheckDto> {
    return attempt('keys', async () => {
      const response = await this.egress.fetch(jwksUri, { headers: { accept: 'application/json' } });
      const text = response.status === 200 ? await response.text() : '';
      const keys = text.length > KEY_SET_LENGTH_MAX ? [] : keysIn(text);
      if (keys.length === 0) throw new NoKeysError(new URL(jwksUri).host);
      return `${keys.length} keys are published.`;
    });
  }

  #secret(tenant: string, fingerprint: string | null): Promise<CheckDto> {
    return attempt('secret', async () => {
      if (fingerprint !== null) await this.secrets.get(tenant, fingerprint);
      return fingerprint === null ? 'The client has no secret.' : 'The secret of the client is stored.';
    });
  }
}

/** What should be a key set is none. */
export class NoKeysError extends DomainError {
  readonly code = 'no-keys-published';
  readonly kind = 'unavailable';
  constructor(host: string) {
    super(`There is no key set with a key at ${host}. Check the address.`);
  }
}

function keysIn(text: string): readonly unknown[] {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    return Array.isArray(keys) ? keys : [];
  } catch {
    return [];
  }
}

function domains(state: ConnectionState, settings: ConnectionSettings): CheckDto[] {
  const owned = new Set(ownedDomains(state));
  return settings.domains.map((domain) => ({
    check: `domain ${domain}`,
    passed: owned.has(domain),
    detail: owned.has(domain)
      ? 'The connection may vouch for it.'
      : 'It is not proven yet: the connection routes people of this domain, and vouches for none.',
  }));
}

async function attempt(check: string, work: () => Promise<string>): Promise<CheckDto> {
  try {
    return { check, passed: true, detail: await work() };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { check, passed: false, detail: error.message };
  }
}

const random = () => randomBytes(32).toString('base64url');
