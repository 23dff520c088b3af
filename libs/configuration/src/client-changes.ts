import type { CatalogView } from '#libs/catalog';
import type { ClientSettings } from '#libs/contracts';
import { ClientIdTakenError, type ClientState, type ConfigureClient, clientDecider } from '#libs/domain';
import type { CommandMetadata } from '#libs/kernel';
import type { ClientConfiguration } from './client.schema.js';

const managedBy = 'config' as const;

/** The client's part of a change; the plan adds where it goes. */
export interface ClientChange {
  readonly action: 'create' | 'change' | 'enable' | 'disable';
  readonly changed: readonly string[];
  readonly command: Pick<ConfigureClient, 'type' | 'data'>;
}

/** Settings of a client as they are recorded, once its secret has been replaced by its hash. */
export function clientSettingsOf(client: ClientConfiguration): ClientSettings {
  const { clientId, enabled: _enabled, clientSecret: secretHash, name = clientId, ...settings } = client;
  return { ...settings, name, secretHash };
}

/**
 * What a client of the file changes; null when it says what holds already.
 * @throws {ClientIdTakenError} when another tenant has a client of the same id, or it was removed
 */
export function changeOfClient(
  client: ClientConfiguration,
  catalog: CatalogView,
  { metadata, reason }: { readonly metadata: CommandMetadata; readonly reason: string },
): ClientChange | null {
  const { clientId: id, enabled } = client;
  const known = catalog.client(id);
  if (known && known.tenant !== metadata.tenant) throw new ClientIdTakenError(id);
  const state: ClientState = known ?? clientDecider.initialState;
  const data = { client: id, settings: clientSettingsOf(client), enabled, managedBy, reason };
  const command = { type: 'ConfigureClient', data } as const;
  const events = clientDecider.decide({ ...command, metadata }, state);
  const [first] = events;
  if (!first) return null;
  if (first.type === 'ClientRegistered') return { action: 'create', changed: [], command };
  if (first.type !== 'ClientChanged') return { action: enabled ? 'enable' : 'disable', changed: ['enabled'], command };
  return { action: 'change', changed: [...first.data.changed, ...(events.length > 1 ? ['enabled'] : [])], command };
}
