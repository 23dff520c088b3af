import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, InTenant } from '#libs/catalog';
import { checkClient } from '#libs/configuration';
import type { ClientSettings } from '#libs/contracts';
import type { ClientState } from '#libs/domain';
import { clientSecretHash, newClientSecret } from '#libs/openid-provider';
import { CATALOG, type FieldProblem, InvalidRequestError, SECRET_VALUES } from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import type { ChangedClientDto, ClientSettingsDto, NewClientDto } from './clients.dto.js';

/** A secret as made, and what is kept of it. */
export interface NewSecret {
  readonly value: string;
  readonly hash: string;
}

/** Settings to record, and the secret to show if one was made. */
export interface SettingsMade {
  readonly settings: ClientSettings;
  readonly secret: NewSecret | null;
}

/** Turns what a request says of a client into settings, defaults filled in, references checked. */
@Injectable()
export class ClientSettingsFromRequest {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SECRET_VALUES) private readonly vault: SecretValues,
  ) {}

  /** @throws {InvalidRequestError} for references to what the tenant does not have */
  async ofNew(tenant: string, body: NewClientDto): Promise<SettingsMade> {
    const { clientId, tokenEndpointAuthMethod = 'client_secret_basic' } = body;
    const secret = tokenEndpointAuthMethod === 'none' ? null : this.#secret(tenant, clientId);
    const settings: ClientSettings = {
      name: body.name ?? clientId,
      tokenEndpointAuthMethod,
      secretHash: secret?.hash ?? null,
      redirectUris: body.redirectUris,
      postLogoutRedirectUris: body.postLogoutRedirectUris ?? [],
      backchannelLogoutUri: body.backchannelLogoutUri ?? null,
      rolesOf: body.rolesOf,
      connections: body.connections,
      admitWithoutRole: body.admitWithoutRole ?? false,
      requireAuthenticationContext: body.requireAuthenticationContext ?? [],
      refresh: body.refresh ?? true,
    };
    await this.#check(tenant, settings);
    return { settings, secret };
  }

  /** What the request leaves out stays. A client that becomes confidential gets a secret; one that becomes public loses it. */
  async ofChanged(client: InTenant<ClientState>, body: ChangedClientDto): Promise<SettingsMade> {
    const before = client.settings as ClientSettings;
    const after = { ...before, ...said(body) };
    const isPublic = after.tokenEndpointAuthMethod === 'none';
    const makes = !isPublic && (body.newSecret === true || before.secretHash === null);
    const secret = makes ? this.#secret(client.tenant, client.id) : null;
    const settings = { ...after, secretHash: isPublic ? null : (secret?.hash ?? before.secretHash) };
    await this.#check(client.tenant, settings);
    return { settings, secret };
  }

  #secret(tenant: string, clientId: string): NewSecret {
    const value = newClientSecret();
    return { value, hash: clientSecretHash(this.vault, tenant, clientId, value) };
  }

  async #check(tenant: string, settings: ClientSettings): Promise<void> {
    const view = await this.catalog.current();
    const live = view.roles(tenant).filter(({ status }) => status === 'live');
    const known = {
      connections: new Set(view.connections(tenant).map(({ id }) => id)),
      applications: new Set(live.flatMap((role) => role.settings?.application ?? [])),
    };
    const problems: FieldProblem[] = [];
    const checked = { ...settings, clientSecret: settings.secretHash };
    checkClient(checked, known, (path, problem) => problems.push({ field: path.join('.'), problem }));
    if (problems.length > 0) throw new InvalidRequestError(problems);
  }
}

type Said = Partial<Omit<ClientSettings, 'secretHash'>>;

/** The settings that a request names. */
function said(body: Partial<ClientSettingsDto>): Said {
  const { name, tokenEndpointAuthMethod, redirectUris, postLogoutRedirectUris, backchannelLogoutUri, refresh } = body;
  const { rolesOf, connections, admitWithoutRole, requireAuthenticationContext } = body;
  const all = {
    name,
    tokenEndpointAuthMethod,
    redirectUris,
    postLogoutRedirectUris,
    backchannelLogoutUri,
    rolesOf,
    connections,
    admitWithoutRole,
    requireAuthenticationContext,
    refresh,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Said;
}
