import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Catalog, InTenant } from '#libs/catalog';
import type { UpkeepSchedule } from '#libs/configuration';
import type { ConnectionState } from '#libs/domain';
import { CATALOG, CLOCK, type Clock } from '#libs/platform';
import { type CertificateEnd, certificateEnds } from './certificate-ends.js';
import { keepAppointments, type Next, type Wanted } from './keep-appointments.js';
import { later } from './retry-times.js';
import { UpkeepCommands } from './upkeep-commands.js';
import type { UpkeepTask } from './upkeep-task.js';

const PAUSE_MS = 10_000;
const DAY_MS = 86_400_000;

/** Days before the end at which a warning may be due; which ones were given already the connection itself knows. */
const WARNINGS_DAYS = [30, 14, 7, 1, 0] as const;

interface WithCertificates extends Wanted {
  readonly connection: InTenant<ConnectionState>;
  readonly ends: readonly CertificateEnd[];
}

/** Looks at the certificates of identity providers once a day, after every change, and whenever a warning about one is due. */
@Injectable()
export class CertificatesTask implements UpkeepTask {
  readonly name = 'certificates';
  readonly pauseMs = PAUSE_MS;
  readonly #log = new Logger(CertificatesTask.name);

  constructor(
    private readonly commands: UpkeepCommands,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async look(schedule: UpkeepSchedule, signal: AbortSignal): Promise<void> {
    const wanted = (await this.catalog.current()).connections().flatMap(withCertificates);
    const now = this.clock.now();
    await keepAppointments({
      schedule,
      task: this.name,
      wanted,
      now,
      signal,
      log: this.#log,
      attempt: (each) => this.#warn(each, now),
    });
  }

  async #warn({ connection, ends }: WithCertificates, now: Date): Promise<Next> {
    const { id, tenant } = connection;
    const first = later(now, Math.max(...WARNINGS_DAYS) * DAY_MS);
    for (const { sha256: certificateSha256, notAfter } of ends.filter((end) => end.notAfter <= first)) {
      const metadata = this.commands.metadata(tenant, [this.name, id, certificateSha256, now.toISOString()]);
      const data = { certificateSha256, notAfter };
      await this.commands.run(connection, { type: 'NoticeCertificateExpiry', data, metadata });
    }
    return { dueAt: nextLook(ends, now), failures: 0 };
  }
}

/** Tomorrow, or sooner when a warning is due before. */
function nextLook(ends: readonly CertificateEnd[], now: Date): string {
  const warnings = ends.flatMap(({ notAfter }) =>
    WARNINGS_DAYS.map((days) => later(new Date(notAfter), -days * DAY_MS)),
  );
  const ahead = warnings.filter((at) => at > now.toISOString());
  return [later(now, DAY_MS), ...ahead].sort()[0] as string;
}

function withCertificates(connection: InTenant<ConnectionState>): readonly WithCertificates[] {
  const { id, enabled, settings } = connection;
  const ends = enabled && settings ? certificateEnds(settings) : [];
  if (ends.length === 0) return [];
  return [{ subject: id, about: ends.map(({ sha256 }) => sha256).join(' '), connection, ends }];
}
