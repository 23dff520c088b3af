import { Injectable } from '@nestjs/common';
import type { CatalogView, InTenant } from '#libs/catalog';
import { mergePatch, type PreviewedConnection, SingleChanges } from '#libs/configuration';
import type { ConnectionSettings } from '#libs/contracts';
import {
  type ConnectionAsWritten,
  ConnectionNotFoundError,
  type ConnectionSnapshot,
  type ConnectionState,
  ownedDomains,
} from '#libs/domain';

/** A connection as it is and as it would be, switched on either way. */
export interface TwoSides {
  readonly before: PreviewedConnection;
  readonly after: PreviewedConnection;
  /** As it would be. */
  readonly snapshot: ConnectionSnapshot;
}

/** Connections as they would be. Stores nothing. */
@Injectable()
export class ProposedConnections {
  constructor(private readonly changes: SingleChanges) {}

  /**
   * @param patch merge patch over the settings as they were written
   * @throws {ConfigurationInvalidError} for settings that could not be in force
   */
  async of(
    state: InTenant<ConnectionState>,
    patch: Readonly<Record<string, unknown>>,
    catalog: CatalogView,
  ): Promise<TwoSides> {
    const { tenant, id, enabled, written, settings: present } = state;
    if (written === null || present === null) throw new ConnectionNotFoundError();
    const patched = mergePatch(asSent(written), patch);
    const { settings } = await this.changes.prepare({ tenant, id, settings: patched, written: !('preset' in patch) });
    const data = { connection: id, settings, enabled, managedBy: 'api', detach: true, reason: null } as const;
    const after = this.changes.stateAfter(state, tenant, { type: 'ConfigureConnection', data });
    const proposed = after.settings ?? present;
    const liveRoles = catalog.liveRoles(tenant);
    const domains = ownedDomains(after);
    return {
      before: { enabled: true, settings: present, ownedDomains: ownedDomains(state), liveRoles },
      after: { enabled: true, settings: proposed, ownedDomains: domains, liveRoles },
      snapshot: { id, version: state.version + 1, settings: proposed, ownedDomains: domains },
    };
  }
}

function asSent({ rules, ...settings }: ConnectionSettings): ConnectionAsWritten {
  return { ...settings, rules: rules.map(({ version: _version, ...rule }) => rule) };
}
