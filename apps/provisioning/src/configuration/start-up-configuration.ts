import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import {
  ApplyConfiguration,
  CONFIGURATION_STREAM,
  type Configuration,
  ConfigurationInvalidError,
  ConfirmationRequiredError,
  fileReferences,
  readConfiguration,
} from '#libs/configuration';
import type { ConfigurationEvent } from '#libs/contracts';
import { configurationDecider, type RecordConfigurationHeld } from '#libs/domain';
import { decideAndAppend, deriveId, readHistory } from '#libs/event-store';
import { type CommandMetadata, DomainError, fold, INSTALLATION_TENANT, type RecordedEvent, system } from '#libs/kernel';
import { ENVIRONMENT, type Environment, KEYRING, type Keyring, WRITE_PATH, type WritePath } from '#libs/platform';

/** A configuration made by the program itself, in place of the file: `Configuration`. */
export const READY_MADE_CONFIGURATION = Symbol('READY_MADE_CONFIGURATION');

/** Namespace of the command ids of start-up (uuid v5). Fixed for ever. */
const START_UP = '5d1f6f0e-3c58-5b0e-9a51-7b7b6a8c2f44';

/** Who applies at start; whatever else was applied, a person applied. */
const STARTING = system('configuration');

/** What a start finds under `GATEBOOK_CONFIG`. */
interface Found {
  readonly hash: string;
  /** @throws {ConfigurationInvalidError} */
  readonly configuration: () => Configuration;
}

/**
 * Applies the configuration file at start, if it changed since a start last applied it: what a person applied in between is not undone by a
 * restart, and the demo is never laid over it. What must be confirmed, or is not valid, changes
 * nothing: the old state goes on, the log says what to do, and the server is ready all the same. Only an installation that never had a
 * configuration does not start with a wrong one. Several servers that start at once apply it once: their commands have the same ids.
 */
@Injectable()
export class StartUpConfiguration implements OnApplicationBootstrap {
  readonly #log = new Logger(StartUpConfiguration.name);

  constructor(
    private readonly configurations: ApplyConfiguration,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Keyring,
    @Optional() @Inject(READY_MADE_CONFIGURATION) private readonly readyMade: Configuration | null = null,
  ) {}

  /** @throws {DomainError} when the first configuration of an installation cannot be applied */
  async onApplicationBootstrap(): Promise<void> {
    const found = await this.#find();
    if (!found) return;
    const { events, revision } = await readHistory(this.path, CONFIGURATION_STREAM);
    const state = fold(configurationDecider, events);
    if (found.hash === state.appliedHash || this.#isOlder(found.hash, events)) return;
    try {
      await this.#apply(found, this.#metadata(found.hash, revision));
    } catch (error) {
      if (state.appliedHash === null || !(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      await this.#hold(found.hash, error, revision);
    }
  }

  /** Whether somebody has applied another configuration since a start last did, and this one has not changed since then or is the demo's. */
  #isOlder(hash: string, events: readonly RecordedEvent[]): boolean {
    const applied = events.filter(isApplied);
    const byStart = applied.findLast(({ metadata }) => isStart(metadata));
    const older = applied.at(-1) !== byStart && (this.readyMade !== null || byStart?.data.hash === hash);
    if (older)
      this.#log.warn(
        { hash },
        'The configuration of this start was NOT applied: somebody has applied another one since a start last did. A file is applied again once it changes, or by: gatebook apply FILE',
      );
    return older;
  }

  async #find(): Promise<Found | null> {
    const { configFile } = this.environment;
    const { readyMade } = this;
    if (readyMade !== null) return this.#foundIn(() => readyMade);
    if (configFile === null) return null;
    const text = await readFile(configFile, 'utf8').catch(() => null);
    return this.#foundIn(() => {
      if (text === null) throw unreadable(configFile);
      return readConfiguration(text, fileReferences(dirname(configFile), process.env));
    }, text ?? '');
  }

  /** A file that cannot be read as a configuration has a name all the same: the hash of its text. */
  async #foundIn(read: () => Configuration, text = ''): Promise<Found> {
    try {
      const configuration = read();
      return { hash: await this.configurations.hashOf(configuration), configuration: () => configuration };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const hash = createHash('sha256').update(text).digest('hex');
      return {
        hash,
        configuration: () => {
          throw error;
        },
      };
    }
  }

  async #apply({ hash, configuration }: Found, metadata: CommandMetadata): Promise<void> {
    const request = { configuration: configuration(), prune: false, reason: 'configuration at start', metadata };
    const { changes } = await this.configurations.apply(request);
    this.#log.log({ hash, changes: changes.length }, 'configuration applied');
  }

  async #hold(hash: string, error: DomainError, revision: number): Promise<void> {
    this.#log.warn(
      { hash, code: error.code },
      `The configuration file was NOT applied; the configuration before it stays in force. ${error.message} See what it would do with: gatebook apply FILE --dry-run`,
    );
    const { losing, of, limitPercent } =
      error instanceof ConfirmationRequiredError ? error.details : { losing: 0, of: 0, limitPercent: 0 };
    const command: RecordConfigurationHeld = {
      type: 'RecordConfigurationHeld',
      data: { hash, losing, of, limitPercent },
      metadata: this.#metadata(`held/${hash}`, revision),
    };
    await decideAndAppend(this.path, CONFIGURATION_STREAM, configurationDecider, command);
  }

  /** The revision takes part, so that going back to an earlier file is another apply. */
  #metadata(what: string, revision: number): CommandMetadata {
    const commandId = uuidv5(`${what}/${revision}`, START_UP);
    return {
      tenant: INSTALLATION_TENANT,
      actor: STARTING,
      commandId,
      commandDigest: this.keyring.lookupHmac('command', what),
      correlationId: commandId,
      now: this.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }
}

type Applied = RecordedEvent & Extract<ConfigurationEvent, { type: 'ConfigurationApplied' }>;

const isApplied = (event: RecordedEvent): event is Applied => event.type === 'ConfigurationApplied';
const isStart = ({ actor }: RecordedEvent['metadata']) => actor.kind === STARTING.kind && actor.id === STARTING.id;

const unreadable = (file: string) =>
  new ConfigurationInvalidError([
    { line: null, path: '', problem: `the file ${file} of GATEBOOK_CONFIG cannot be read` },
  ]);
