import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import { SWEEP_ROWS } from '#libs/identity';
import { durationMs } from '#libs/kernel';
import { Readiness } from '../health/readiness.js';
import { describeError } from '../logging/describe-error.js';
import type { Engine } from './open-engine.js';
import { ENGINE } from './tokens.js';

/** How often what has expired is deleted, in milliseconds. */
const SWEEP_EVERY_MS = 300_000;

/**
 * Keeps the write side's derived state going in a server that decides: follows the store for identity keys and access epochs, deletes
 * what has expired. The server is ready once both have reached the head that the store had at start.
 */
@Injectable()
export class EngineUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Logger(EngineUpkeep.name);
  private readonly stop = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Optional() private readonly readiness?: Readiness,
  ) {}

  /** A revocation that was recorded just before the last end is in force before the first request is answered. */
  async onApplicationBootstrap(): Promise<void> {
    const { identityKeysFollower, accessEpochsFollower } = this.engine;
    this.readiness?.register('identity-keys', async () => ({ ready: identityKeysFollower.caughtUp() }));
    this.readiness?.register('access-epochs', async () => ({ ready: accessEpochsFollower.caughtUp() }));
    await accessEpochsFollower.catchUp();
    this.running = Promise.all([
      identityKeysFollower.run(this.stop.signal),
      accessEpochsFollower.run(this.stop.signal),
    ]);
    this.timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await this.running;
  }

  /** Deletes what has expired, a bounded number of rows at a time; what fails now is tried again next time. */
  async sweep(): Promise<void> {
    const { sessions, signInTransactions, assertionReplays, identityKeysFollower } = this.engine;
    const sweeps = await Promise.allSettled([
      ...[sessions, signInTransactions, assertionReplays, identityKeysFollower].map((part) => this.sweepAll(part)),
      this.forgetStrangers(),
    ]);
    for (const sweep of sweeps)
      if (sweep.status === 'rejected') this.log.warn({ err: describeError(sweep.reason) }, 'could not sweep');
  }

  /** A full batch says that there is more: under load more expires between two rounds than one batch holds. */
  private async sweepAll(part: { sweep(): Promise<number> }): Promise<void> {
    let deleted = await part.sweep();
    while (deleted >= SWEEP_ROWS && !this.stop.signal.aborted) deleted = await part.sweep();
  }

  /** Destroys the keys of strangers who were refused longer ago than their tenant keeps refusals: nobody can read who they were. */
  private async forgetStrangers(): Promise<void> {
    const { catalog, subjectKeys, clock } = this.engine;
    for (const { id, settings } of (await catalog.current()).tenants()) {
      if (settings === null) continue;
      const until = new Date(clock.now().getTime() - durationMs(settings.retention.refusals));
      await subjectKeys.destroyDayKeysBefore(id, until.toISOString().slice(0, 10));
    }
  }
}
