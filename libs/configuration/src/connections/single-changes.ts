import type { Catalog, CatalogView } from '#libs/catalog';
import type { ConnectionSettings } from '#libs/contracts';
import {
  type ConnectionAsWritten,
  ConnectionSourceFixedError,
  type ConnectionState,
  changedSource,
  connectionDecider,
} from '#libs/domain';
import type { WritePath } from '#libs/event-store';
import { MetadataError } from '#libs/federation';
import { type CommandMetadata, streamName } from '#libs/kernel';
import type { SecretValues } from '#libs/vault';
import type { ConfigurationPlan } from '../apply/configuration-plan.js';
import { confirmationOf, summaryOf, worstOf } from '../apply/configuration-plan.js';
import { estimateLosses } from '../apply/loss-estimate.js';
import { recognitionWarnings } from '../apply/recognition-warnings.js';
import { builtInRoles } from '../built-in-roles.js';
import { ConfigurationInvalidError, ConfirmationRequiredError } from '../configuration.errors.js';
import type { ConnectionConfiguration } from '../configuration.schema.js';
import { configurationHash } from '../configuration-hash.js';
import { connectionAsWritten } from '../connection-as-written.js';
import { type SecretToStore, sealConnection } from '../connection-secrets.js';
import { noReferences } from '../file-references.js';
import { MetadataUnusableError, withMetadataFile } from '../metadata-files.js';
import type { PlannedChange, PlannedCommand } from '../plan-configuration.js';
import { policyWarnings } from '../policies/policy-consequences.js';
import { policyRemarks } from '../policies/policy-remarks.js';
import { protocolProblem } from '../protocol-problems.js';
import { readConnection } from '../read-configuration.js';
import type { StandingGrants } from '../standing-grants/standing-grants.js';
import { heldSecretProblems } from './held-secrets.js';

/** What changes one by one need. */
export interface SingleChangeDependencies {
  readonly catalog: Catalog;
  readonly path: WritePath;
  readonly standing: StandingGrants;
  readonly secrets: SecretValues;
  /** Origin at which Gatebook is reached. */
  readonly publicUrl: string;
}

/** Settings of a connection as somebody sent them. */
export interface WantedConnection {
  readonly tenant: string;
  readonly id: string;
  /** One element of `connections:`, as far as it was said. */
  readonly settings: unknown;
  /** Whether presets have been written out before. */
  readonly written: boolean;
}

/** Settings that can be recorded once their secrets are stored. */
export interface PreparedConnection {
  readonly settings: ConnectionAsWritten;
  readonly secrets: readonly SecretToStore[];
}

/** What a change would come to; `confirm` null when nothing needs to be confirmed. */
export type Consequences = Omit<ConfigurationPlan, 'hash'>;

/**
 * Changes of connections, roles and policies one by one, as the API asks for them: checked, sealed and weighed exactly as a configuration is. Carries
 * nothing out.
 */
export class SingleChanges {
  constructor(private readonly dependencies: SingleChangeDependencies) {}

  /**
   * Reads and checks settings, and replaces secrets by fingerprints. Stores nothing.
   * @throws {ConfigurationInvalidError} for settings that cannot be read or cannot work, or that name a secret which the connection does not hold
   * @throws {ConnectionSourceFixedError} when the connection would take another source's people for its own
   * @throws {SecretValueMissingError} for the fingerprint of a secret that is not stored
   */
  async prepare({ tenant, id, settings, written }: WantedConnection): Promise<PreparedConnection> {
    const { catalog, path, secrets, publicUrl } = this.dependencies;
    const view = await catalog.current();
    const asked = readConnection({ ...(settings as object), id }, noReferences, {
      surroundings: surroundingsOf(view, tenant),
      written,
    });
    const connection = await withMetadata(asked, path.clock.now());
    const wrong = protocolProblem(id, connection, publicUrl);
    if (wrong !== null) throw invalid(wrong.block, wrong.problem);
    const known = view.connection(id);
    refuseForeign(connection, (known?.tenant === tenant && known.written) || null);
    const sealed = sealConnection(tenant, connection, secrets);
    for (const { fingerprint } of sealed.named) await secrets.get(tenant, fingerprint);
    return { settings: connectionAsWritten(sealed.connection), secrets: sealed.secrets };
  }

  /** Which settings of a connection would change; empty for a new one and for none. */
  changedSettings(state: ConnectionState, tenant: string, command: PlannedCommand): readonly string[] {
    const [event] = connectionDecider.decide({ ...command, metadata: planned(tenant) } as never, state);
    return event?.type === 'ConnectionChanged' ? event.data.changed : [];
  }

  /** A connection as a change would leave it. */
  stateAfter(state: ConnectionState, tenant: string, command: PlannedCommand): ConnectionState {
    const events = connectionDecider.decide({ ...command, metadata: planned(tenant) } as never, state);
    return events.reduce((after, event) => connectionDecider.evolve(after, { ...event, id: '' } as never), state);
  }

  /** Whether anybody comes in through a connection, or could if it were enabled. */
  async isReliedUpon({ id, enabled }: ConnectionState, tenant: string): Promise<boolean> {
    const { standing } = this.dependencies;
    if (enabled) return true;
    await standing.catchUp();
    return standing.wasLinked(tenant, id);
  }

  /**
   * What a change would take from people, and what must be confirmed. Reads every account concerned; changes nothing.
   * @param more sentences to be confirmed beside those that it finds
   */
  async consequences(change: Omit<PlannedChange, 'stream'>, more: readonly string[] = []): Promise<Consequences> {
    const { catalog, path, standing } = this.dependencies;
    const planned = [
      { ...change, stream: streamName({ category: change.kind, tenant: change.tenant, id: change.id }) },
    ];
    const view = await catalog.current();
    await standing.catchUp();
    const losses = await estimateLosses({ standing, path }, planned, view, path.clock.now().toISOString());
    const warnings = [
      ...recognitionWarnings(planned, view),
      ...(await policyWarnings({ standing, path }, planned, view, path.clock.now().toISOString())),
      ...more,
    ];
    const remarks = policyRemarks(planned, view);
    const changes = planned.map(summaryOf);
    const hash = configurationHash(change.command);
    return { changes, losses, warnings, remarks, confirm: confirmationOf(hash, { changes, losses, warnings }) };
  }

  /** @throws {ConfirmationRequiredError} unless what has to be confirmed was */
  requireConfirmed({ losses, warnings, confirm }: Consequences, given: string | undefined): void {
    if (confirm === null || confirm === given) return;
    const { losing, of, limitPercent } = worstOf(losses);
    throw new ConfirmationRequiredError({ confirm, losing, of, limitPercent, warnings });
  }
}

function surroundingsOf(view: CatalogView, tenant: string) {
  const directories = view.tenant(tenant)?.settings?.directories ?? [];
  return {
    directories: new Set(directories.map(({ id }) => id)),
    roles: new Set([...view.liveRoles(tenant), ...builtInRoles().map(({ id }) => id)]),
  };
}

async function withMetadata(connection: ConnectionConfiguration, now: Date): Promise<ConnectionConfiguration> {
  try {
    return await withMetadataFile(connection, now);
  } catch (error) {
    if (!(error instanceof MetadataError || error instanceof MetadataUnusableError)) throw error;
    throw invalid('saml.metadataFile', error.message);
  }
}

/** What stands here already may not become another source's, nor be sent elsewhere. */
function refuseForeign(connection: ConnectionConfiguration, before: ConnectionSettings | null): void {
  const moved = before ? changedSource(before, connectionAsWritten(connection)) : [];
  if (moved.length > 0) throw new ConnectionSourceFixedError(connection.id, moved);
  const problems = heldSecretProblems(connection, before);
  if (problems.length > 0) throw new ConfigurationInvalidError(problems);
}

const invalid = (path: string, problem: string) => new ConfigurationInvalidError([{ line: null, path, problem }]);

/** Deciders of settings look at the settings alone: a plan needs no real command. */
function planned(tenant: string): CommandMetadata {
  const actor = { kind: 'system', id: 'plan' } as const;
  return { tenant, actor, commandId: '', commandDigest: '', correlationId: '', now: '', deriveId: (name) => name };
}
