import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Catalog, InTenant } from '#libs/catalog';
import type { UpkeepSchedule } from '#libs/configuration';
import type { ConnectionState } from '#libs/domain';
import { CATALOG, CLOCK, type Clock } from '#libs/platform';
import { keepAppointments, type Next, type Wanted } from './keep-appointments.js';
import type { WithMetadata } from './metadata-reader.js';
import { MetadataRefreshes, writtenMetadata } from './metadata-refreshes.js';
import { nextRefresh, nextTry } from './refresh-times.js';
import { UpkeepCommands } from './upkeep-commands.js';
import type { UpkeepTask } from './upkeep-task.js';

/** How soon a new or changed connection is noticed, milliseconds. */
const PAUSE_MS = 2_000;

interface Refreshable extends Wanted {
  readonly connection: InTenant<ConnectionState>;
  readonly written: WithMetadata;
}

/**
 * Reads the metadata of every connection that names an address of it: at once when that is new or has changed, then as often as it says. Of a
 * connection that admits nobody it is read once, so that it can be tried before it is enabled.
 */
@Injectable()
export class MetadataTask implements UpkeepTask {
  readonly name = 'metadata';
  readonly pauseMs = PAUSE_MS;
  readonly #log = new Logger(MetadataTask.name);

  constructor(
    private readonly refreshes: MetadataRefreshes,
    private readonly commands: UpkeepCommands,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async look(schedule: UpkeepSchedule, signal: AbortSignal): Promise<void> {
    const wanted = (await this.catalog.current()).connections().flatMap(refreshable);
    const now = this.clock.now();
    await keepAppointments({
      schedule,
      task: this.name,
      wanted,
      now,
      signal,
      log: this.#log,
      attempt: (each, failures) => this.#refresh(each, failures, now, signal),
    });
  }

  async #refresh(
    { connection, written }: Refreshable,
    failures: number,
    now: Date,
    signal: AbortSignal,
  ): Promise<Next> {
    const { id, tenant } = connection;
    const { url, refreshEvery } = written.metadata;
    const metadata = this.commands.metadata(tenant, [this.name, id, url, now.toISOString()]);
    const { result, state, cacheDurationMs } = await this.refreshes.refresh(connection, metadata, signal);
    if (result === 'refused') return { dueAt: nextTry({ refreshEvery }, failures + 1, now), failures: failures + 1 };
    const validUntil = state.metadata?.validUntil ?? null;
    return { dueAt: nextRefresh({ connection: id, refreshEvery, cacheDurationMs, validUntil }, now), failures: 0 };
  }
}

function refreshable(connection: InTenant<ConnectionState>): readonly Refreshable[] {
  const written = writtenMetadata(connection);
  if (written === null || !(connection.enabled || connection.metadata === null)) return [];
  return [{ subject: connection.id, about: fingerprint(written), connection, written }];
}

/** Of everything in the settings that decides what is read, and how it is taken. */
function fingerprint({ metadata, idpEntityId, requestBinding, sloBinding }: WithMetadata): string {
  const deciding = JSON.stringify([metadata, idpEntityId, requestBinding, sloBinding]);
  return createHash('sha256').update(deciding).digest('hex');
}
