import { samlSettingsOf } from '#libs/configuration';
import type { ConnectionSettings } from '#libs/contracts';
import { ConnectionNotFoundError } from '#libs/domain';
import type { SamlSettings } from '#libs/federation';
import type { Access } from '../installation.js';
import type { ServerClient } from '../server-client.js';

/** A connection as far as a sign-in through it needs to know. */
export interface KnownConnection {
  readonly enabled: boolean;
  readonly settings: ConnectionSettings;
  readonly saml: SamlSettings;
  /** Roles that its tenant's catalogue holds and has not retired. */
  readonly liveRoles: ReadonlySet<string>;
}

/** Looks a connection up. @throws {ConnectionNotFoundError | ServerRefusedError} */
export function knownConnection(access: Access, id: string): Promise<KnownConnection> {
  return access.kind === 'server' ? fromServer(access.server, id) : fromCatalog(access, id);
}

async function fromCatalog({ engine, environment }: Access & { kind: 'engine' }, id: string): Promise<KnownConnection> {
  const catalog = await engine.catalog.current();
  const connection = catalog.connection(id);
  if (connection?.status !== 'present' || connection.settings === null) throw new ConnectionNotFoundError();
  const { settings, enabled, tenant } = connection;
  const saml = samlSettingsOf(id, settings, environment.publicUrl);
  return { enabled, settings, saml, liveRoles: catalog.liveRoles(tenant) };
}

interface ConnectionAnswer {
  readonly tenant: string;
  readonly enabled: boolean;
  readonly settings: ConnectionSettings;
  readonly serviceProvider: { readonly entityId: string; readonly acsUrl: string };
}

interface RolePage {
  readonly items: readonly { readonly id: string; readonly status: string }[];
  readonly nextCursor: string | null;
}

/** The server says at which address it is reached. */
async function fromServer(server: ServerClient, id: string): Promise<KnownConnection> {
  const connection = await server.get<ConnectionAnswer>(`/api/v1/connections/${encodeURIComponent(id)}`);
  const { tenant, enabled, settings, serviceProvider } = connection;
  const { entityId: spEntityId, acsUrl } = serviceProvider;
  const saml = { ...samlSettingsOf(id, settings, server.url), spEntityId, acsUrl };
  return { enabled, settings, saml, liveRoles: await liveRolesOf(server, tenant) };
}

async function liveRolesOf(server: ServerClient, tenant: string): Promise<Set<string>> {
  const live = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ tenant, limit: '200', ...(cursor ? { cursor } : {}) });
    const page: RolePage = await server.get<RolePage>(`/api/v1/roles?${query}`);
    for (const { id, status } of page.items) if (status === 'live') live.add(id);
    cursor = page.nextCursor;
  }
  return live;
}
