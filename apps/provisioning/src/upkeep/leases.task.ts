import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type LapsedGrants, StandingGrants, type UpkeepSchedule } from '#libs/configuration';
import { CLOCK, type Clock, RunAccountCommand } from '#libs/platform';
import { UpkeepCommands } from './upkeep-commands.js';
import type { UpkeepTask } from './upkeep-task.js';

/** How soon sessions end after a lease: what may be done is exact without it, since a grant past its end does not count. */
const PAUSE_MS = 5_000;

/** Commands under way at a time: enough to share commits, few enough to let sign-ins through. */
const AT_ONCE = 16;

/** Accounts that are remembered as having nothing to write down. */
const IDLE_MAX = 10_000;

/**
 * Writes down the end of grants whose lease has run out, and ends the sessions of their people. After a standstill it catches up, with each
 * grant ending at its own instant.
 */
@Injectable()
export class LeasesTask implements UpkeepTask {
  readonly name = 'leases';
  readonly pauseMs = PAUSE_MS;
  /** Accounts, such as merged ones, for which nothing follows: they are not asked again while nothing has changed. */
  readonly #idle = new Set<string>();

  constructor(
    private readonly bus: CommandBus,
    private readonly standing: StandingGrants,
    private readonly commands: UpkeepCommands,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async look(_schedule: UpkeepSchedule, signal: AbortSignal): Promise<void> {
    await this.standing.catchUp();
    const failures: unknown[] = [];
    for await (const page of this.standing.lapsedPages(this.clock.now().toISOString())) {
      const lapsed = page.filter((each) => !this.#idle.has(keyOf(each)));
      for (let at = 0; at < lapsed.length; at += AT_ONCE) {
        if (signal.aborted) return;
        const batch = lapsed.slice(at, at + AT_ONCE);
        const results = await Promise.allSettled(batch.map((each) => this.#expire(each)));
        const failed = results.filter((result) => result.status === 'rejected');
        failures.push(...failed.map(({ reason }) => reason as unknown));
        // a whole batch that fails: then it is not the accounts
        if (failed.length === AT_ONCE) throw incomplete(failures);
      }
    }
    if (failures.length > 0) throw incomplete(failures);
  }

  async #expire(lapsed: LapsedGrants): Promise<void> {
    const { tenant, account, grants } = lapsed;
    const metadata = this.commands.metadata(tenant, [this.name, account, ...grants]);
    const { events } = await this.bus.execute(
      new RunAccountCommand(account, { type: 'ExpireLeases', data: {}, metadata }),
    );
    if (events.length > 0) return;
    if (this.#idle.size >= IDLE_MAX) this.#idle.clear();
    this.#idle.add(keyOf(lapsed));
  }
}

const keyOf = ({ tenant, account, grants }: LapsedGrants): string => [tenant, account, ...grants].join('/');

const incomplete = ([cause, ...others]: readonly unknown[]): Error =>
  new Error(`The end of leases could not be written down for ${1 + others.length} accounts.`, { cause });
