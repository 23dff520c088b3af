import type { DELIVERY_FAILURES, DeliveryChannel } from '#libs/contracts';
import type { Database, Lease } from '#libs/database';
import type { Clock } from '#libs/kernel';
import { JOB_COLUMNS, type ReportJob } from '../jobs/report-job.js';

/** Waits before a delivery is tried again, in seconds; after the last one it is given up. In all about a day. */
export const DELIVERY_RETRY_SECONDS = [5, 30, 120, 600, 3_600, 21_600, 57_600] as const;

/** After the last try: only a delivery whose end could not be written down is still here then. */
const UNSETTLED_AFTER_SECONDS = 60;

/** Deliveries taken up at a time. */
const DELIVERIES_AT_A_TIME = 8;

/** Why a report did not reach its place. */
export type DeliveryFailure = (typeof DELIVERY_FAILURES)[number];

/** A report on its way to one place, or one whose arrival has not been recorded yet. */
export interface ReportDelivery {
  readonly channel: DeliveryChannel;
  readonly state: 'queued' | 'delivered' | 'failed';
  /** How often it has been tried. */
  readonly attempts: number;
  readonly code: DeliveryFailure | null;
  /** Ended in whatever way. */
  readonly job: ReportJob;
}

/** What came of a delivery. */
export type DeliveryOutcome =
  | { readonly state: 'delivered' }
  | { readonly state: 'failed'; readonly code: DeliveryFailure };

/** What deliveries are kept in. */
export interface ReportDeliveriesDependencies {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly clock: Clock;
}

type Row = ReportJob & {
  readonly channel: DeliveryChannel;
  readonly delivery_state: ReportDelivery['state'];
  readonly delivery_attempts: number;
  readonly delivery_code: DeliveryFailure | null;
};

/**
 * Scheduled reports on their way to where they are wanted, in PostgreSQL. What came of one is written down before it is recorded in the log,
 * so the log never says anything else.
 */
export class ReportDeliveries {
  constructor(private readonly dependencies: ReportDeliveriesDependencies) {}

  /** What is to be tried or recorded now, the longest waiting first; a report that is still being made waits. */
  async due(): Promise<readonly ReportDelivery[]> {
    const { database, clock } = this.dependencies;
    const { rows } = await database.query<Row>(
      `select delivery.channel, delivery.state as delivery_state, delivery.attempts as delivery_attempts, delivery.code as delivery_code, job.*
         from reports.deliveries delivery
         join lateral (select ${JOB_COLUMNS} from reports.jobs where id = delivery.report) job on true
        where not delivery.recorded and delivery.due_at <= $1 and job.status in ('done', 'failed', 'cancelled')
        order by delivery.due_at, delivery.report, delivery.channel limit $2`,
      [clock.now(), DELIVERIES_AT_A_TIME],
    );
    return rows.map(
      ({
        channel,
        delivery_state: state,
        delivery_attempts: attempts,
        delivery_code: code,
        ...job
      }): ReportDelivery => ({
        channel,
        state,
        attempts,
        code,
        job,
      }),
    );
  }

  /**
   * Counts a try before it is made: whatever happens to it, the delivery is not due again before its next one.
   * @returns whether a failure of this try will be the last; null when another process has gone on with it
   */
  async beginTry(delivery: ReportDelivery, lease: Pick<Lease, 'guard'>): Promise<{ readonly last: boolean } | null> {
    const seconds = DELIVERY_RETRY_SECONDS[delivery.attempts];
    const changed = await this.#write(
      lease,
      `update reports.deliveries set attempts = attempts + 1, due_at = $4
        where report = $1 and channel = $2 and attempts = $3 and state = 'queued'`,
      [delivery.job.id, delivery.channel, delivery.attempts, this.#in(seconds ?? UNSETTLED_AFTER_SECONDS)],
    );
    return changed ? { last: seconds === undefined } : null;
  }

  /** Says of a try that failed why, as long as there is another one. */
  async postponed(delivery: ReportDelivery, code: DeliveryFailure, lease: Pick<Lease, 'guard'>): Promise<void> {
    await this.#write(
      lease,
      `update reports.deliveries set code = $3 where report = $1 and channel = $2 and state = 'queued'`,
      [delivery.job.id, delivery.channel, code],
    );
  }

  /** Settles a delivery, for good. It stays due until it is recorded. */
  async settle(delivery: ReportDelivery, outcome: DeliveryOutcome, lease: Pick<Lease, 'guard'>): Promise<void> {
    const { job, channel } = delivery;
    const now = this.#in(0);
    await this.#write(
      lease,
      `update reports.deliveries set state = $3, code = $4, settled_at = $5, due_at = $5
        where report = $1 and channel = $2 and state = 'queued'`,
      [job.id, channel, outcome.state, outcome.state === 'failed' ? outcome.code : null, now],
    );
  }

  /** The log says what came of it: nothing is left to be done. */
  async recorded({ job, channel }: ReportDelivery, lease: Pick<Lease, 'guard'>): Promise<void> {
    await this.#write(lease, 'update reports.deliveries set recorded = true where report = $1 and channel = $2', [
      job.id,
      channel,
    ]);
  }

  #in(seconds: number): Date {
    return new Date(this.dependencies.clock.now().getTime() + seconds * 1_000);
  }

  async #write(lease: Pick<Lease, 'guard'>, text: string, values: readonly unknown[]): Promise<boolean> {
    return this.dependencies.database.transaction(async (client) => {
      await lease.guard(client);
      const { rowCount } = await client.query(text, [...values]);
      return rowCount === 1;
    });
  }
}
