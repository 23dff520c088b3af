import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Catalog, CatalogView } from '#libs/catalog';
import type { ReportSchedule } from '#libs/contracts';
import { nextOccurrence } from '#libs/domain';
import { DomainError, instantAfter, system } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock, describeError, KEYRING, type Keyring } from '#libs/platform';
import {
  dueTimeOf,
  lastAskedAt,
  momentsOf,
  REPORTS,
  type ReportFilter,
  type ReportQueue,
  scheduledReportId,
} from '#libs/reports';
import { ReadModel } from '../reading/read-model.js';
import { AskedReports } from '../reports/asked-reports.js';
import { REPORT_QUEUE } from '../reports/reports.tokens.js';
import { DeliveryMetrics } from './delivery.metrics.js';

/** A schedule that could not be acted upon is looked at again after this, in milliseconds. */
const RETRY_MS = 30_000;

/** Later than any instant. */
const NEVER = '9999-12-31T23:59:59.999Z';

/** A schedule of a tenant, and since when it counts. */
interface TenantSchedule {
  readonly tenant: string;
  readonly timeZone: string;
  readonly since: string;
  readonly schedule: ReportSchedule;
}

/** Asks for the reports that are due by the clock: each time of each schedule once, and of times that nobody was there for the last. */
@Injectable()
export class ScheduledReports {
  readonly #log = new Logger('report-schedules');
  /** By schedule as it is now: before this instant nothing comes of it. */
  #quietUntil = new Map<string, string>();

  constructor(
    private readonly asked: AskedReports,
    private readonly readModel: ReadModel,
    private readonly metrics: DeliveryMetrics,
    @Inject(REPORT_QUEUE) private readonly queue: ReportQueue,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(KEYRING) private readonly keyring: Pick<Keyring, 'lookupHmac'>,
  ) {}

  /** Asks for what is due. One schedule that cannot be acted upon keeps no other from it. */
  async askDue(signal: AbortSignal): Promise<void> {
    const all = schedulesOf(await this.catalog.current());
    const before = this.#quietUntil;
    // what is not there any more is forgotten
    this.#quietUntil = new Map(all.map((one) => [keyOf(one), before.get(keyOf(one)) ?? '']));
    for (const one of all) {
      if (signal.aborted) return;
      if (this.#now() >= (this.#quietUntil.get(keyOf(one)) ?? '')) await this.#look(one);
    }
  }

  /** Schedules that write to a folder, as `tenant/id`; as of the last look. */
  intoFolders(): string[] {
    return schedulesOf(this.catalog.lastRead())
      .filter(({ schedule }) => schedule.deliver.folder !== null)
      .map(({ tenant, schedule }) => `${tenant}/${schedule.id}`);
  }

  async #look(one: TenantSchedule): Promise<void> {
    const { tenant, schedule, timeZone } = one;
    const now = this.#now();
    try {
      await this.#askIfDue(one, now);
      // from the same instant on: what comes due while a report is asked for is not passed over
      this.#quietUntil.set(keyOf(one), nextOccurrence(schedule.schedule, timeZone, now) ?? NEVER);
    } catch (error) {
      this.#quietUntil.set(keyOf(one), instantAfter(this.#now(), RETRY_MS));
      this.metrics.askingFailed();
      const passes = error instanceof DomainError && (error.kind === 'unavailable' || error.kind === 'limited');
      const about = { tenant, schedule: schedule.id, err: describeError(error) };
      if (passes) this.#log.warn(about, 'a scheduled report waits to be asked for');
      else this.#log.error(about, 'a scheduled report cannot be asked for and will be tried again');
    }
  }

  async #askIfDue(one: TenantSchedule, now: string): Promise<void> {
    const { tenant, schedule, timeZone, since } = one;
    const asked = await lastAskedAt(this.readModel.database, { tenant, schedule: schedule.id, notAfter: now });
    const after = asked !== null && asked > since ? asked : since;
    const due = dueTimeOf(schedule.schedule, timeZone, { after, notAfter: now });
    if (due === null) return;
    if (due.missed > 0)
      this.#log.warn({ tenant, schedule: schedule.id, missed: due.missed }, 'times of a schedule were missed');
    await this.#ask(one, due.at);
  }

  async #ask({ tenant, schedule, timeZone }: TenantSchedule, at: string): Promise<void> {
    const kind = REPORTS.get(schedule.kind);
    if (!kind) throw new TypeError(`There is no report ${schedule.kind} in this version.`);
    const id = scheduledReportId(tenant, schedule.id, at);
    const commandDigest = this.keyring.lookupHmac('command', id);
    if (await this.queue.knows({ id, commandDigest })) return;
    const { personal, formats, deliver } = schedule;
    const moments = momentsOf(schedule, at, timeZone);
    const question = await this.asked.complete({
      tenant,
      kind,
      timeZone,
      question: { ...moments, filter: filterOf(schedule) },
      personal,
    });
    const channels = (['folder', 'webhook'] as const).filter((channel) => deliver[channel] !== null);
    await this.queue.add({
      id,
      commandDigest,
      kind: kind.kind,
      version: kind.version,
      question,
      formats,
      requestedBy: system('reports'),
      schedule: { id: schedule.id, at, channels },
    });
  }

  #now(): string {
    return this.clock.now().toISOString();
  }
}

const schedulesOf = (catalog: CatalogView): TenantSchedule[] =>
  catalog.tenants().flatMap(({ id: tenant, settings, reportsSince }) =>
    (settings?.reports ?? []).map((schedule) => ({
      tenant,
      timeZone: settings?.timeZone ?? 'UTC',
      since: reportsSince.get(schedule.id) ?? NEVER,
      schedule,
    })),
  );

/** What the settings do not say is not asked. */
const filterOf = ({ filter }: ReportSchedule): ReportFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null));

const keyOf = ({ tenant, timeZone, since, schedule }: TenantSchedule): string =>
  JSON.stringify([tenant, timeZone, since, schedule.id, schedule.schedule]);
