import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, CatalogView, InTenant } from '#libs/catalog';
import {
  type AccountState,
  type ApplicationAccess,
  accessToApplication,
  accountDecider,
  type ClientState,
  grantStillStands,
  meetsTerms,
} from '#libs/domain';
import { readAggregate, readHistory } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import {
  type ApplicationGrants,
  type ClientGiving,
  type FoundGrant,
  isClientSecret,
  type PersonClaims,
} from '#libs/openid-provider';
import { CATALOG, CLOCK, type Clock, SECRET_VALUES, WRITE_PATH, type WritePath } from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import { APPLICATION_GRANTS } from './op.tokens.js';

/** What ends within this time, in milliseconds, counts as ended: tokens live for whole seconds. */
const SHORTEST_LIFE_MS = 1_000;

/** A client that may be used, with its settings. */
export type UsableClient = InTenant<ClientState> & { readonly settings: NonNullable<ClientState['settings']> };

/** An account as an application sees it. */
export interface PersonInApplication {
  readonly state: AccountState;
  /** Revision of the account's last event. */
  readonly revision: number;
  readonly access: ApplicationAccess;
}

/** Answers who a person is to an application: from the account's stream and the catalogue as they are now, never from the read model. */
@Injectable()
export class ApplicationPeople {
  constructor(
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(APPLICATION_GRANTS) private readonly grants: ApplicationGrants,
    @Inject(SECRET_VALUES) private readonly secrets: SecretValues,
  ) {}

  /** A client that is there and enabled; else null. */
  async client(id: string): Promise<UsableClient | null> {
    const client = (await this.catalog.current()).client(id);
    if (!client?.settings || client.status !== 'present' || !client.enabled) return null;
    return { ...client, settings: client.settings };
  }

  /** Whether a text is the secret of a client that has one. */
  async isSecret(clientId: string, offered: string): Promise<boolean> {
    const client = await this.client(clientId);
    if (!client || client.settings.secretHash === null) return false;
    const { tenant, id, settings } = client;
    return isClientSecret(this.secrets, { tenant, id, secretHash: settings.secretHash ?? '' }, offered);
  }

  /** Reads an account of the client's tenant. */
  async read(client: UsableClient, account: string): Promise<PersonInApplication> {
    const stream = streamName({ category: 'account', tenant: client.tenant, id: account });
    const { state, revision } = await readAggregate(this.path, stream, accountDecider);
    const roles = rolesOf(await this.catalog.current(), client, 'live');
    return { state, revision, access: accessForSeconds(state, roles, this.clock.now()) };
  }

  /** What a client may know about a person; null when the person may not use it now. */
  async claims(clientId: string, account: string): Promise<PersonClaims | null> {
    const client = await this.client(clientId);
    if (!client) return null;
    const { state, access } = await this.read(client, account);
    const { profile, emailVerified } = state;
    const admitted = access.active && (access.roles.length > 0 || client.settings.admitWithoutRole);
    if (!admitted || profile === null) return null;
    const { displayName: name, givenName, familyName, userName, email } = profile;
    return {
      roles: access.roles,
      profile: { name, givenName, familyName, userName, email, emailVerified },
      until: access.until === null ? null : new Date(access.until),
    };
  }

  /**
   * Whether what an application was given is still good: the client and the connection are enabled, the client still admits people through
   * that connection and asks for no more than it did, and nothing that concerns it was taken from the account since. The access epoch says whether there is anything to look into.
   */
  async stands(grant: FoundGrant): Promise<boolean> {
    const client = await this.client(grant.client);
    if (!client || client.tenant !== grant.tenant) return false;
    const catalog = this.catalog.lastRead();
    if (!catalog.connection(grant.connection)?.enabled || !stillGives(client, grant)) return false;
    if (grant.revision >= grant.epoch) return true;
    const stream = streamName({ category: 'account', tenant: grant.tenant, id: grant.account });
    const { events } = await readHistory(this.path, stream);
    const standing = grantStillStands(events, { revision: grant.revision, roles: rolesOf(catalog, client, 'all') });
    if (standing.stands) await this.grants.stands(grant.grantHash, standing.revision);
    return standing.stands;
  }

  /**
   * Whether two clients serve one application of one tenant: an API may look into the tokens of its pages. Whoever cannot prove to be the
   * client that asks, since it has no secret, learns of that client's own tokens only.
   */
  async mayInspect(askingId: string, ownerId: string): Promise<boolean> {
    const [asking, owner] = [await this.client(askingId), await this.client(ownerId)];
    if (asking === null || asking.tenant !== owner?.tenant) return false;
    if (asking.settings.tokenEndpointAuthMethod === 'none') return askingId === ownerId;
    return asking.settings.rolesOf === owner.settings.rolesOf;
  }
}

/** Whether a client would still be given what it was given: through this connection, and on these terms. */
export const stillGives = (
  { settings }: Pick<UsableClient, 'settings'>,
  { connection, terms }: ClientGiving,
): boolean => settings.connections.includes(connection) && meetsTerms(terms, settings);

/** Roles of a client's application. */
export function rolesOf(
  catalog: CatalogView,
  { tenant, settings }: Pick<UsableClient, 'tenant' | 'settings'>,
  which: 'live' | 'all',
): ReadonlySet<string> {
  const roles = catalog.roles(tenant).filter((role) => role.settings?.application === settings.rolesOf);
  return new Set(roles.filter(({ status }) => which === 'all' || status === 'live').map(({ id }) => id));
}

/** Access that lasts for at least the shortest life of a token. */
function accessForSeconds(state: AccountState, roles: ReadonlySet<string>, now: Date): ApplicationAccess {
  const access = accessToApplication(state, roles, now.toISOString());
  const soon = new Date(now.getTime() + SHORTEST_LIFE_MS).toISOString();
  return access.until !== null && access.until < soon ? accessToApplication(state, roles, soon) : access;
}
