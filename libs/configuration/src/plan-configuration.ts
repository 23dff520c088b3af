import type { CatalogView } from '#libs/catalog';
import type { RoleSettings } from '#libs/contracts';
import {
  type ConfigureClient,
  type ConfigureConnection,
  type ConfigurePolicy,
  type ConfigureTenant,
  type ConnectionState,
  changedPaths,
  connectionDecider,
  type DefineRole,
  type RemoveClient,
  type RemoveConnection,
  type RemovePolicy,
  type RetireRole,
  type RoleState,
  roleDecider,
  type SwitchClient,
  type SwitchConnection,
  type SwitchPolicy,
  tenantDecider,
} from '#libs/domain';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { builtInRoles } from './built-in-roles.js';
import type { ClientConfiguration } from './client.schema.js';
import { changeOfClient } from './client-changes.js';
import { ConnectionIdTakenError } from './configuration.errors.js';
import type { Configuration, ConnectionConfiguration, TenantConfiguration } from './configuration.schema.js';
import { connectionAsWritten } from './connection-as-written.js';
import type { PolicyConfiguration } from './policies/policy.schema.js';
import { changeOfPolicy } from './policies/policy-changes.js';
import { tenantSettingsOf } from './tenant-settings-of.js';

type Without<C> = C extends { type: infer Type; data: infer Data }
  ? { readonly type: Type; readonly data: Data }
  : never;

/** A command that has yet to be given its metadata. */
export type PlannedCommand = Without<
  | ConfigureTenant
  | DefineRole
  | RetireRole
  | ConfigureConnection
  | SwitchConnection
  | RemoveConnection
  | ConfigureClient
  | SwitchClient
  | RemoveClient
  | ConfigurePolicy
  | SwitchPolicy
  | RemovePolicy
>;

/** One difference between the configuration and what holds. */
export interface PlannedChange {
  readonly action: 'create' | 'change' | 'enable' | 'disable' | 'remove';
  readonly kind: 'tenant' | 'role' | 'connection' | 'client' | 'policy';
  readonly tenant: string;
  readonly id: string;
  /** Names of the settings that change; empty for a creation. */
  readonly changed: readonly string[];
  readonly stream: string;
  readonly command: PlannedCommand;
}

/**
 * Turns the difference between a configuration and the catalogue into commands, in an order in which each finds what it needs.
 * What the file manages and no longer names, also by leaving out its tenant, is disabled; with `prune` it is removed. What the API
 * manages is left alone.
 * Nothing that the file already says is a change.
 * @throws {ConnectionIdTakenError} when another tenant has a connection of the same id
 * @throws {ConnectionRemovedError} when the file names a connection that was removed
 * @throws {ClientIdTakenError} when another tenant has a client of the same id, or it was removed
 * @throws {PolicyKindFixedError} when there is a policy of another kind under the id of one
 */
export function planConfiguration(
  configuration: Configuration,
  catalog: CatalogView,
  { prune }: { readonly prune: boolean },
): PlannedChange[] {
  const named = new Set(configuration.tenants.map(({ id }) => id));
  const dropped = catalog.tenants().filter(({ id }) => !named.has(id));
  return [
    ...configuration.tenants.flatMap((tenant) => [
      ...planTenant(tenant, catalog),
      ...planRoles(tenant, catalog),
      ...tenant.connections.flatMap((connection) => planConnection(tenant.id, connection, catalog)),
      ...tenant.clients.flatMap((client) => planClient(tenant.id, client, catalog)),
      ...tenant.policies.flatMap((policy) => planPolicy(tenant.id, policy, catalog)),
      ...planAbsent(tenant, catalog, prune),
    ]),
    ...dropped.flatMap(({ id }) => planAbsent({ id, ...NOTHING_NAMED }, catalog, prune)),
  ];
}

type Named = Pick<TenantConfiguration, 'id' | 'connections' | 'roles' | 'clients' | 'policies'>;
const NOTHING_NAMED = { connections: [], roles: [], clients: [], policies: [] };

function planAbsent(tenant: Named, catalog: CatalogView, prune: boolean): PlannedChange[] {
  return [
    ...planAbsentPolicies(tenant, catalog, prune),
    ...planAbsentClients(tenant, catalog, prune),
    ...planAbsentConnections(tenant, catalog, prune),
    ...(prune ? planAbsentRoles(tenant, catalog) : []),
  ];
}

const REASON = 'configuration';
const managedBy = 'config' as const;

function planTenant(tenant: TenantConfiguration, catalog: CatalogView): PlannedChange[] {
  const { id } = tenant;
  const settings = tenantSettingsOf(tenant);
  const state = catalog.tenant(id) ?? tenantDecider.initialState;
  const command = { type: 'ConfigureTenant' as const, data: { tenant: id, settings, reason: REASON } };
  if (tenantDecider.decide({ ...command, metadata: planned(id) }, state).length === 0) return [];
  const changed = state.settings ? changedPaths(state.settings, settings) : [];
  return [change(state.settings ? 'change' : 'create', 'tenant', id, id, changed, command)];
}

function planRoles(tenant: TenantConfiguration, catalog: CatalogView): PlannedChange[] {
  const own = tenant.roles.map(({ id, owner, ...settings }) => ({ id, owner, settings }));
  return [...builtInRoles(), ...own].flatMap(({ id, owner, settings }) => {
    const state: RoleState = catalog.role(tenant.id, id) ?? roleDecider.initialState;
    const command = { type: 'DefineRole' as const, data: { role: id, settings, owner, managedBy, reason: REASON } };
    if (roleDecider.decide({ ...command, metadata: planned(tenant.id) }, state).length === 0) return [];
    const changed = state.status === 'live' ? changedRoleSettings(state, settings, owner) : [];
    return [change(state.status === 'live' ? 'change' : 'create', 'role', tenant.id, id, changed, command)];
  });
}

function changedRoleSettings(state: RoleState, settings: RoleSettings, owner: string | null): string[] {
  return changedPaths(
    { ...state.settings, owner: state.owner, managedBy: state.managedBy },
    { ...settings, owner, managedBy },
  );
}

function planConnection(tenant: string, connection: ConnectionConfiguration, catalog: CatalogView): PlannedChange[] {
  const { id, enabled } = connection;
  const settings = connectionAsWritten(connection);
  const known = catalog.connection(id);
  if (known && known.tenant !== tenant) throw new ConnectionIdTakenError(id);
  const state: ConnectionState = known ?? connectionDecider.initialState;
  const command = {
    type: 'ConfigureConnection' as const,
    data: { connection: id, settings, enabled, managedBy, reason: REASON },
  };
  const events = connectionDecider.decide({ ...command, metadata: planned(tenant) }, state);
  const [first] = events;
  if (!first) return [];
  if (first.type === 'ConnectionRegistered') return [change('create', 'connection', tenant, id, [], command)];
  if (first.type === 'ConnectionChanged')
    return [
      change(
        'change',
        'connection',
        tenant,
        id,
        [...first.data.changed, ...(events.length > 1 ? ['enabled'] : [])],
        command,
      ),
    ];
  return [change(enabled ? 'enable' : 'disable', 'connection', tenant, id, ['enabled'], command)];
}

function planClient(tenant: string, client: ClientConfiguration, catalog: CatalogView): PlannedChange[] {
  const found = changeOfClient(client, catalog, { metadata: planned(tenant), reason: REASON });
  return found ? [change(found.action, 'client', tenant, client.clientId, found.changed, found.command)] : [];
}

function planPolicy(tenant: string, policy: PolicyConfiguration, catalog: CatalogView): PlannedChange[] {
  const found = changeOfPolicy(policy, catalog, { metadata: planned(tenant), reason: REASON });
  return found ? [change(found.action, 'policy', tenant, policy.id, found.changed, found.command)] : [];
}

function planAbsentPolicies(tenant: Named, catalog: CatalogView, prune: boolean): PlannedChange[] {
  const named = new Set(tenant.policies.map(({ id }) => id));
  return catalog
    .policies(tenant.id)
    .filter((state) => state.managedBy === 'config' && !named.has(state.id) && (prune || state.enabled))
    .map(({ id }) =>
      prune
        ? change('remove', 'policy', tenant.id, id, [], { type: 'RemovePolicy', data: { managedBy, reason: REASON } })
        : change('disable', 'policy', tenant.id, id, ['enabled'], {
            type: 'SwitchPolicy',
            data: { enabled: false, managedBy, reason: REASON },
          }),
    );
}

function planAbsentClients(tenant: Named, catalog: CatalogView, prune: boolean): PlannedChange[] {
  const named = new Set(tenant.clients.map(({ clientId }) => clientId));
  const absent = catalog
    .clients(tenant.id)
    .filter((state) => state.managedBy === 'config' && !named.has(state.id) && (prune || state.enabled));
  return absent.map(({ id }) =>
    prune
      ? change('remove', 'client', tenant.id, id, [], { type: 'RemoveClient', data: { managedBy, reason: REASON } })
      : change('disable', 'client', tenant.id, id, ['enabled'], {
          type: 'SwitchClient',
          data: { enabled: false, managedBy, reason: REASON },
        }),
  );
}

function planAbsentConnections(tenant: Named, catalog: CatalogView, prune: boolean): PlannedChange[] {
  const named = new Set(tenant.connections.map(({ id }) => id));
  return catalog
    .connections(tenant.id)
    .filter((state) => state.managedBy === 'config' && !named.has(state.id) && (prune || state.enabled))
    .map((state) =>
      prune
        ? change('remove', 'connection', tenant.id, state.id, [], {
            type: 'RemoveConnection',
            data: { managedBy, reason: REASON },
          })
        : change('disable', 'connection', tenant.id, state.id, ['enabled'], {
            type: 'SwitchConnection',
            data: { enabled: false, managedBy, reason: REASON },
          }),
    );
}

function planAbsentRoles(tenant: Named, catalog: CatalogView): PlannedChange[] {
  const named = new Set([...tenant.roles, ...builtInRoles()].map(({ id }) => id));
  return catalog
    .roles(tenant.id)
    .filter((state) => state.status === 'live' && state.managedBy === 'config' && !named.has(state.id))
    .map((state) =>
      change('remove', 'role', tenant.id, state.id, [], { type: 'RetireRole', data: { managedBy, reason: REASON } }),
    );
}

function change(
  action: PlannedChange['action'],
  kind: PlannedChange['kind'],
  tenant: string,
  id: string,
  changed: readonly string[],
  command: PlannedCommand,
): PlannedChange {
  return { action, kind, tenant, id, changed, stream: streamName({ category: kind, tenant, id }), command };
}

/** Deciders of settings look at the settings alone: a plan needs no real command. */
function planned(tenant: string): CommandMetadata {
  const nobody = { kind: 'system', id: 'plan' } as const;
  return {
    tenant,
    actor: nobody,
    commandId: '',
    commandDigest: '',
    correlationId: '',
    now: '',
    deriveId: (name) => name,
  };
}
