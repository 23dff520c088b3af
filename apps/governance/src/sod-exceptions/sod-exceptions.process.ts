import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Database, Leases } from '#libs/database';
import { CLOCK, type Clock, DATABASE, describeError, LEASES } from '#libs/platform';
import { findExceptionsEnding, type SodExceptionRecord } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { PeriodicWork } from '../reading/periodic-work.js';
import { SodExceptionRecords } from './sod-exception-records.js';

/** Role of the one process that writes ends of exceptions down. */
const ROLE = 'sod-exceptions';

/** Pause between two runs, milliseconds: an exception past its end counts no more in any case. */
const EVERY_MS = 10_000;

/** Exceptions of one look. */
const AT_ONCE = 200;

/** Writes the end of exceptions down whose time is over, each at its own instant, so that what they excused is looked at again. */
@Injectable()
export class SodExceptionsProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(SodExceptionsProcess.name);
  readonly #work: PeriodicWork;

  constructor(
    private readonly records: SodExceptionRecords,
    private readonly commands: GovernanceCommands,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LEASES) leases: Leases,
  ) {
    this.#work = new PeriodicWork({ role: ROLE, leases, everyMs: EVERY_MS, work: (_, signal) => this.run(signal) });
  }

  onApplicationBootstrap(): void {
    this.#work.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#work.stop();
  }

  /** One run: everything that is over by now. One that fails holds no other up, and comes again. */
  async run(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const before = this.clock.now().toISOString();
    for (let after: SodExceptionRecord | undefined; !signal.aborted; ) {
      const over = await findExceptionsEnding(this.database, { before, limit: AT_ONCE, ...(after && { after }) });
      for (const each of over)
        await this.#expire(each).catch((error: unknown) => {
          this.#log.error(
            { err: describeError(error), exception: each.exception },
            'the end of an exception could not be written down and comes again',
          );
        });
      after = over.at(-1);
      if (over.length < AT_ONCE) return;
    }
  }

  async #expire({ tenant, exception, until }: SodExceptionRecord): Promise<void> {
    const metadata = this.commands.byItself(tenant, ['sod-exception', exception, 'time-over', until.toISOString()]);
    await this.records.run(exception, { type: 'ExpireSodException', data: {}, metadata });
  }
}
