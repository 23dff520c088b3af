import type { Catalog } from '#libs/catalog';
import { configurationDecider } from '#libs/domain';
import { decideAndAppend, IdempotencyKeyReusedError, type Outcome } from '#libs/event-store';
import { type CommandMetadata, INSTALLATION_TENANT, streamName } from '#libs/kernel';
import type { SecretValues } from '#libs/vault';
import { isBuiltInRole, SecondPerson } from '../changes/second-person.js';
import {
  ConfigurationInvalidError,
  type ConfigurationProblem,
  ConfirmationRequiredError,
} from '../configuration.errors.js';
import type { Configuration } from '../configuration.schema.js';
import { configurationHash } from '../configuration-hash.js';
import { type SealedConfiguration, sealSecrets } from '../connection-secrets.js';
import { fixedSourceProblems } from '../fixed-sources.js';
import { withMetadataFiles } from '../metadata-files.js';
import { type PlannedChange, planConfiguration } from '../plan-configuration.js';
import { policyWarnings } from '../policies/policy-consequences.js';
import { policyRemarks } from '../policies/policy-remarks.js';
import { connectionProblems } from '../protocol-problems.js';
import { reportRemarks } from '../reports/report-remarks.js';
import type { StandingGrants } from '../standing-grants/standing-grants.js';
import { type ChangeDependencies, carryOut } from './change-commands.js';
import {
  type ChangeSummary,
  type ConfigurationPlan,
  confirmationOf,
  summaryOf,
  worstOf,
} from './configuration-plan.js';
import { estimateLosses, type Loss } from './loss-estimate.js';
import { recognitionWarnings } from './recognition-warnings.js';

/** Stream of the facts about the configuration as a whole. */
export const CONFIGURATION_STREAM = streamName({
  category: 'configuration',
  tenant: INSTALLATION_TENANT,
  id: 'main',
});

/** Why a change of the file did not wait for a second person. */
const BY_FILE = 'configuration file';

/** What applying needs. */
export interface ApplyConfigurationDependencies extends ChangeDependencies {
  readonly catalog: Catalog;
  readonly standing: StandingGrants;
  /** Keeps the secrets of connections. */
  readonly secrets: SecretValues;
  /** Origin at which Gatebook is reached: part of every connection's SAML settings. */
  readonly publicUrl: string;
}

/** A configuration to look at. */
export interface PlanRequest {
  readonly configuration: Configuration;
  /** Whether what the file no longer names is removed rather than disabled. */
  readonly prune: boolean;
  /** Told how many accounts the estimate of losses has looked at. */
  readonly onProgress?: (accounts: number) => void;
}

/** A configuration to apply. */
export interface ApplyRequest extends PlanRequest {
  /** What the plan asked to confirm. */
  readonly confirm?: string | undefined;
  readonly reason: string;
  /** Of the tenant `installation`. The same command id again changes nothing. */
  readonly metadata: CommandMetadata;
}

/** What an apply came to. */
export interface AppliedConfiguration {
  readonly hash: string;
  /** Empty also when this command had been carried out before. */
  readonly changes: readonly ChangeSummary[];
  readonly losses: readonly Loss[];
  readonly warnings: readonly string[];
  readonly remarks: readonly string[];
  /** In the store's order: a reader that has reached it has seen every change. */
  readonly storePosition: number;
}

interface Prepared extends ConfigurationPlan {
  readonly planned: readonly PlannedChange[];
  readonly sealed: SealedConfiguration;
}

/**
 * Makes the installation what a configuration says. The difference becomes commands, each of which happens once, in an order in which each
 * finds what it needs; an apply that was interrupted goes on where it ended when it is repeated.
 */
export class ApplyConfiguration {
  constructor(private readonly dependencies: ApplyConfigurationDependencies) {}

  /**
   * Names a configuration: SHA-256 over what it says, its metadata files read and its secrets replaced by their fingerprints.
   * @throws {ConfigurationInvalidError} for metadata or secrets that cannot be used
   */
  async hashOf(configuration: Configuration): Promise<string> {
    const { configuration: sealed } = await this.#seal(configuration);
    return configurationHash(sealed);
  }

  /**
   * What applying would change and take. Changes nothing.
   * @throws {ConfigurationInvalidError} for settings that cannot work, metadata that cannot be used, or a connection to another source
   * @throws {SecretValueMissingError} when it names the fingerprint of a secret that is not stored
   * @throws {ConnectionIdTakenError} when another tenant has a connection of the same id
   * @throws {ConnectionRemovedError} when the configuration names a connection that was removed
   * @throws {PolicyKindFixedError} when there is a policy of another kind under the id of one
   */
  async plan(request: PlanRequest): Promise<ConfigurationPlan> {
    const { planned: _commands, sealed: _secrets, ...plan } = await this.#prepare(request);
    return plan;
  }

  /**
   * Applies it, if nothing has to be confirmed or `confirm` is what the plan asks for.
   * @throws {ConfirmationRequiredError} otherwise; nothing was changed
   * @throws {IdempotencyKeyReusedError} when the command id was used with another body; nothing was changed
   * @throws what `plan` throws; nothing was changed
   */
  async apply(request: ApplyRequest): Promise<AppliedConfiguration> {
    const { metadata } = request;
    const before = await this.#outcomeOf(metadata);
    if (before !== null)
      return {
        hash: await this.hashOf(request.configuration),
        changes: [],
        losses: [],
        warnings: [],
        remarks: [],
        storePosition: before,
      };
    const plan = await this.#prepare(request);
    const { hash, losses, changes, warnings, remarks } = plan;
    if (plan.confirm !== null && plan.confirm !== request.confirm) {
      const { losing, of, limitPercent } = worstOf(losses);
      throw new ConfirmationRequiredError({ confirm: plan.confirm, losing, of, limitPercent, warnings });
    }
    // stored first: an event never names a secret that is not there
    for (const { tenant, value } of plan.sealed.secrets) await this.dependencies.secrets.put(tenant, value);
    await this.#carryOut(plan.planned, request);
    const { storePosition } = await this.#record(hash, changes.length, request);
    return { hash, changes, losses, warnings, remarks, storePosition };
  }

  /** The file waits for nobody. What should have waited for a second person is recorded, so that it is reviewed. */
  async #carryOut(planned: readonly PlannedChange[], { metadata, reason }: ApplyRequest): Promise<void> {
    const { catalog } = this.dependencies;
    const before = await catalog.current();
    const secondPerson = new SecondPerson({ ...this.dependencies, waiting: async () => 0 }); // the file never waits
    for (const change of planned) {
      const outcome = await carryOut(this.dependencies, change, metadata, reason);
      const { kind, tenant, id } = change;
      if (kind === 'tenant' || kind === 'client' || (kind === 'role' && isBuiltInRole(id))) continue;
      const wanted = before.tenant(tenant)?.settings?.changeApproval;
      await secondPerson.recordIfAtOnce({ kind, tenant, id, outcome, wanted, reason: BY_FILE });
    }
  }

  /** Where an earlier apply with this command id ended, if there was one. */
  async #outcomeOf({ commandId, commandDigest }: CommandMetadata): Promise<number | null> {
    const events = await this.dependencies.path.store.readStream(CONFIGURATION_STREAM, { direction: 'backward' });
    const event = events.find(({ metadata }) => metadata.commandId === commandId);
    if (event && event.metadata.commandDigest !== commandDigest) throw new IdempotencyKeyReusedError();
    return event?.storePosition ?? null;
  }

  async #prepare({ configuration, prune, onProgress }: PlanRequest): Promise<Prepared> {
    const { catalog, path, standing, secrets, publicUrl } = this.dependencies;
    const view = await catalog.current();
    const sealed = await this.#seal(configuration);
    refuseAny(connectionProblems(sealed.configuration, publicUrl));
    refuseAny(fixedSourceProblems(sealed.configuration, view));
    for (const { tenant, fingerprint } of sealed.named) await secrets.get(tenant, fingerprint);
    const planned = planConfiguration(sealed.configuration, view, { prune });
    await standing.catchUp();
    const now = path.clock.now().toISOString();
    const losses = await estimateLosses({ standing, path, onProgress }, planned, view, now);
    const hash = configurationHash(sealed.configuration);
    const changes = planned.map(summaryOf);
    const warnings = [
      ...recognitionWarnings(planned, view),
      ...(await policyWarnings({ standing, path }, planned, view, now)),
    ];
    const remarks = [...policyRemarks(planned, view), ...reportRemarks(planned)];
    const confirm = confirmationOf(hash, { changes, losses, warnings });
    return { hash, planned, sealed, changes, losses, warnings, remarks, confirm };
  }

  async #seal(configuration: Configuration): Promise<SealedConfiguration> {
    const { path, secrets } = this.dependencies;
    return sealSecrets(await withMetadataFiles(configuration, path.clock.now()), secrets);
  }

  #record(hash: string, changes: number, { prune, metadata }: ApplyRequest): Promise<Outcome<unknown>> {
    const data = { hash, changes, prune };
    const command = { type: 'RecordConfigurationApplied', data, metadata } as const;
    return decideAndAppend(this.dependencies.path, CONFIGURATION_STREAM, configurationDecider, command);
  }
}

function refuseAny(problems: readonly ConfigurationProblem[]): void {
  if (problems.length > 0) throw new ConfigurationInvalidError(problems);
}
