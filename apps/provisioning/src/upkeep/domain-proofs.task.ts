import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type { Catalog, InTenant } from '#libs/catalog';
import { domainChallengeOf, type UpkeepSchedule } from '#libs/configuration';
import type { ConnectionState } from '#libs/domain';
import { proveDomain, type ResolveTxt } from '#libs/federation';
import { CATALOG, CLOCK, type Clock, KEYRING, type Keyring } from '#libs/platform';
import { RESOLVE_TXT } from '../connections/connection-domains.controller.js';
import { keepAppointments, type Next, type Wanted } from './keep-appointments.js';
import { later } from './retry-times.js';
import { UpkeepCommands } from './upkeep-commands.js';
import type { UpkeepTask } from './upkeep-task.js';

const PAUSE_MS = 30_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Days running on which the record is not there before the proof lapses: a mistake in a zone can be mended meanwhile. */
export const MISSING_DAYS_MAX = 3;

interface Proven extends Wanted {
  readonly connection: InTenant<ConnectionState>;
  readonly domain: string;
}

/**
 * Looks every day whether the records that prove domains are still there. One that is missing on three days running no longer proves anything.
 * Name servers that cannot be asked say nothing: they are asked again within the hour, and the days go on to count only when they answer.
 */
@Injectable()
export class DomainProofsTask implements UpkeepTask {
  readonly name = 'domain-proofs';
  readonly pauseMs = PAUSE_MS;
  readonly #log = new Logger(DomainProofsTask.name);
  readonly #resolveTxt: ResolveTxt | undefined;

  constructor(
    private readonly commands: UpkeepCommands,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() @Inject(RESOLVE_TXT) resolveTxt?: ResolveTxt,
  ) {
    this.#resolveTxt = resolveTxt;
  }

  async look(schedule: UpkeepSchedule, signal: AbortSignal): Promise<void> {
    const wanted = (await this.catalog.current()).connections().flatMap(proven);
    const now = this.clock.now();
    await keepAppointments({
      schedule,
      task: this.name,
      wanted,
      now,
      signal,
      log: this.#log,
      attempt: (each, missed) => this.#check(each, missed, now),
    });
  }

  async #check({ connection, domain }: Proven, missed: number, now: Date): Promise<Next> {
    const { id, tenant } = connection;
    const { recordValue } = domainChallengeOf(this.keyring, tenant, domain);
    const { result } = await proveDomain(domain, recordValue, this.#resolveTxt);
    const tomorrow = later(now, DAY_MS);
    if (result === 'proven') return { dueAt: tomorrow, failures: 0 };
    if (result === 'failed') return { dueAt: later(now, HOUR_MS), failures: missed };
    if (missed + 1 >= MISSING_DAYS_MAX) {
      const metadata = this.commands.metadata(tenant, [this.name, id, domain, now.toISOString()]);
      await this.commands.run(connection, { type: 'LapseDomainProof', data: { domain }, metadata });
    }
    return { dueAt: tomorrow, failures: missed + 1 };
  }
}

/** Domains for which a record is what counts. */
function proven(connection: InTenant<ConnectionState>): readonly Proven[] {
  const { id, settings, provenDomains } = connection;
  if (settings?.domainOwnership !== 'dns') return [];
  return [...provenDomains].map((domain) => ({ subject: `${id}/${domain}`, about: domain, connection, domain }));
}
