import { Inject, Injectable, Logger } from '@nestjs/common';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog } from '#libs/catalog';
import type { ReportSchedule } from '#libs/contracts';
import { type Lease, LeaseLostError } from '#libs/database';
import type { Egress } from '#libs/egress';
import { NoticeDeliveryError, postMessage, signedMessage } from '#libs/notices';
import {
  CATALOG,
  CLOCK,
  type Clock,
  describeError,
  EGRESS,
  ENVIRONMENT,
  type Environment,
  SECRET_VALUES,
} from '#libs/platform';
import {
  type ReportDelivery as Delivery,
  type DeliveryOutcome,
  deliverToFolder,
  type ReportDeliveries,
  ReportDeliveryError,
  type ReportJob,
  readFileChunks,
  reportNews,
} from '#libs/reports';
import type { SecretValues } from '#libs/vault';
import { ReportsAtHand } from '../reports/reports-at-hand.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import { DeliveryRecords } from './delivery-records.js';
import { REPORT_DELIVERIES } from './schedules.tokens.js';

type Held = Pick<Lease, 'guard'>;

/** Brings scheduled reports to where they are wanted: at least once, and what came of it is recorded. */
@Injectable()
export class ReportDelivery {
  readonly #log = new Logger('report-schedules');

  constructor(
    private readonly reports: ReportsAtHand,
    private readonly records: DeliveryRecords,
    private readonly metrics: DeliveryMetrics,
    @Inject(REPORT_DELIVERIES) private readonly deliveries: ReportDeliveries,
    @Inject(EGRESS) private readonly egress: Egress,
    @Inject(SECRET_VALUES) private readonly secrets: SecretValues,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
  ) {}

  /** Takes everything that is due now a step further. One that cannot be written down keeps no other waiting. */
  async deliverDue(lease: Held): Promise<void> {
    const due = await this.deliveries.due();
    const results = await Promise.allSettled(due.map((delivery) => this.#step(delivery, lease)));
    for (const result of results) {
      if (result.status === 'fulfilled') continue;
      if (result.reason instanceof LeaseLostError) throw result.reason;
      this.#log.error({ err: describeError(result.reason) }, 'a delivery could not be written down');
    }
  }

  async #step(delivery: Delivery, lease: Held): Promise<void> {
    if (delivery.state !== 'queued') return this.#record(delivery, lease);
    const outcome = await this.#outcomeOf(delivery, lease);
    if (outcome === null) return;
    const { job, channel } = delivery;
    this.metrics.tried(channel, outcome.state);
    if (outcome.state === 'failed')
      this.#log.error({ report: job.id, tenant: job.tenant, channel, code: outcome.code }, 'a report is not delivered');
    await this.deliveries.settle(delivery, outcome, lease);
  }

  async #record(delivery: Delivery, lease: Held): Promise<void> {
    await this.records.settled(delivery);
    await this.deliveries.recorded(delivery, lease);
  }

  /** @returns null when it is to be tried again, or another process has gone on with it */
  async #outcomeOf(delivery: Delivery, lease: Held): Promise<DeliveryOutcome | null> {
    const { job, channel } = delivery;
    if (job.status !== 'done')
      return { state: 'failed', code: job.status === 'cancelled' ? 'report-cancelled' : 'report-failed' };
    // the try is counted first: one that ends the process does not come again at once
    const begun = await this.deliveries.beginTry(delivery, lease);
    if (begun === null) return null;
    const failure = await this.#tryIt(delivery);
    if (failure === null) return { state: 'delivered' };
    if (failure.final || begun.last) return { state: 'failed', code: failure.code };
    this.metrics.tried(channel, 'retrying');
    const about = { report: job.id, tenant: job.tenant, channel, code: failure.code, err: describeError(failure) };
    this.#log.warn(about, 'a report is not delivered yet and will be tried again');
    await this.deliveries.postponed(delivery, failure.code, lease);
    return null;
  }

  async #tryIt(delivery: Delivery): Promise<ReportDeliveryError | null> {
    try {
      await this.#deliver(delivery);
      return null;
    } catch (error) {
      if (error instanceof ReportDeliveryError) return error;
      if (error instanceof NoticeDeliveryError)
        return new ReportDeliveryError(error.code === 'refused' ? 'refused' : 'unreachable', error.final);
      return new ReportDeliveryError('delivery-failed', false, { cause: error });
    }
  }

  async #deliver({ job, channel }: Delivery): Promise<void> {
    const { deliver } = (await this.#scheduleOf(job)) ?? { deliver: null };
    if (deliver?.[channel] == null) throw new ReportDeliveryError('no-channel', true);
    if (job.swept || job.expiresAt === null || job.expiresAt <= this.clock.now())
      throw new ReportDeliveryError('report-files-expired', true);
    if (channel === 'folder') await this.#toFolder(job, deliver.folder ?? '');
    else await this.#toWebhook(job, deliver.webhook);
  }

  /** As it is now: an address that was corrected since is the one that counts. */
  async #scheduleOf({ tenant, schedule }: ReportJob): Promise<ReportSchedule | undefined> {
    const settings = (await this.catalog.current()).tenant(tenant)?.settings;
    return settings?.reports.find(({ id }) => id === schedule?.id);
  }

  async #toFolder(job: ReportJob, folder: string): Promise<void> {
    const root = this.environment.reportsFolder;
    if (root === null) throw new ReportDeliveryError('no-folder', false);
    const { database } = this.reports.source;
    await deliverToFolder({
      root,
      path: [job.tenant, ...folder.split('/'), folderOf(job)],
      files: job.files,
      read: ({ name, bytes }) => readFileChunks(database, { job: job.id, name, bytes }),
    });
  }

  async #toWebhook(job: ReportJob, webhook: ReportSchedule['deliver']['webhook']): Promise<void> {
    if (webhook === null) return;
    const secret = await this.secrets.get(job.tenant, webhook.secret);
    const data = reportNews(job, this.environment.publicUrl);
    const message = signedMessage({ id: uuidv5('news', job.id), type: 'report-done', data }, secret, this.clock.now());
    await postMessage(this.egress.fetch, webhook.url, message);
  }
}

/** One report, one folder: `2026-04-01T0400Z-monthly-access`, by the time that it was due at, in UTC. */
function folderOf({ schedule, id }: ReportJob): string {
  if (schedule === null) return id;
  return `${schedule.at.slice(0, 16).replace(':', '')}Z-${schedule.id}`;
}
