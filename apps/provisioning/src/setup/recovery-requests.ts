import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { answerRecoveryRequest, issueRecoveryLink } from '#libs/configuration';
import type { Database } from '#libs/database';
import { system } from '#libs/kernel';
import {
  DATABASE,
  describeError,
  ENVIRONMENT,
  type Environment,
  KEYRING,
  type Keyring,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';

/** How often the data folder is looked at, milliseconds. */
const LOOK_EVERY_MS = 500;

/**
 * Answers `gatebook recover-access` while this server holds the embedded database, which no other process can then open: a request file in
 * the data folder is answered by a file beside it, both readable by their owner alone. On a PostgreSQL of its own the command needs no server.
 */
@Injectable()
export class RecoveryRequests implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(RecoveryRequests.name);
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    @Inject(KEYRING) private readonly keyring: Keyring,
  ) {}

  onApplicationBootstrap(): void {
    if (this.database.kind !== 'embedded') return;
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, LOOK_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { path, keyring } = this;
    const { dataDir, publicUrl } = this.environment;
    try {
      const answer = await answerRecoveryRequest(dataDir, () =>
        issueRecoveryLink({ path, keyring, publicUrl }, system('recover-access')),
      );
      if (answer === 'answered') this.#log.warn('ALARM: a one-time administrator link was made on the host');
      if (answer === 'refused')
        this.#log.warn('A request for an administrator link was refused: its file is not private to the server’s user');
    } catch (error) {
      this.#log.error({ err: describeError(error) }, 'a request for an administrator link could not be answered');
    }
  }
}
