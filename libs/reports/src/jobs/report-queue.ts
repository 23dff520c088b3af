import type { DeliveryChannel } from '#libs/contracts';
import type { Database } from '#libs/database';
import { IdempotencyKeyReusedError } from '#libs/event-store';
import type { Actor, Clock } from '#libs/kernel';
import type { ReportFormatName } from '../formats/report-format.js';
import type { Question } from '../question.js';
import { isTooMuchKept, KEPT_BYTES_MAX } from './kept-bytes.queries.js';
import { JOB_COLUMNS, type ReportJob, type ReportStatus } from './report-job.js';
import { ReportEndedError, TooManyReportsError, TooMuchKeptError } from './reports.errors.js';

/** Most reports of one tenant that wait or are being made at a time; those that are asked for in the same instant may go a few beyond. */
export const WAITING_REPORTS_MAX = 100;

/** A report that is asked for. */
export interface NewReport {
  /** Derived from the command: the same command asks for the same report. */
  readonly id: string;
  /** Tells a repeat of the command from another use of its id. */
  readonly commandDigest: string;
  readonly kind: string;
  readonly version: number;
  readonly question: Question;
  readonly formats: readonly ReportFormatName[];
  readonly requestedBy: Actor;
  /** Absent where somebody asks. */
  readonly schedule?: AskedBySchedule;
}

/** The clock asks for a report. */
export interface AskedBySchedule {
  readonly id: string;
  /** When it was due, ISO-8601 UTC. */
  readonly at: string;
  /** Where it is wanted when it is done. */
  readonly channels: readonly DeliveryChannel[];
}

/** Which reports to list. */
export interface ReportListQuery {
  /** Null for every tenant. */
  readonly tenant: string | null;
  readonly status?: ReportStatus | undefined;
  readonly kind?: string | undefined;
  /** Only what this schedule asked for. */
  readonly schedule?: string | undefined;
  /** `number` of the last report of the page before. */
  readonly before?: number | undefined;
  /** 1–200. */
  readonly limit: number;
}

/** What the queue is kept in. */
export interface ReportQueueDependencies {
  readonly database: Pick<Database, 'query'>;
  readonly clock: Clock;
  /** Told of every report that was queued, so that whoever makes them in this process need not look for it. */
  readonly onAdded?: () => void;
}

/** The reports that were asked for, in PostgreSQL: whoever asks and whoever makes them may be different processes. */
export class ReportQueue {
  constructor(private readonly dependencies: ReportQueueDependencies) {}

  /**
   * Whether this command has asked before.
   * @throws {IdempotencyKeyReusedError} when it asked for something else
   */
  async knows({ id, commandDigest }: Pick<NewReport, 'id' | 'commandDigest'>): Promise<boolean> {
    const { rows } = await this.dependencies.database.query<{ command_digest: string }>(
      'select command_digest from reports.jobs where id = $1',
      [id],
    );
    if (rows[0] && rows[0].command_digest !== commandDigest) throw new IdempotencyKeyReusedError();
    return rows.length > 0;
  }

  /**
   * Queues a report; one that is there already is left as it stands.
   * @throws {TooManyReportsError} when `WAITING_REPORTS_MAX` of the tenant wait
   * @throws {TooMuchKeptError} when those that are kept of the tenant take `KEPT_BYTES_MAX`
   */
  async add({ id, commandDigest, kind, version, question, formats, requestedBy, schedule }: NewReport): Promise<void> {
    const { database, clock, onAdded } = this.dependencies;
    if ((await isTooMuchKept(database, question.tenant)) && !(await this.knows({ id, commandDigest })))
      throw new TooMuchKeptError(KEPT_BYTES_MAX);
    const { rowCount } = await database.query(
      `with asked as (
         insert into reports.jobs (id, command_digest, tenant, kind, version, question, formats, actor_kind, actor_id, requested_at, due_at,
                                   schedule, scheduled_for)
         select $1::uuid, $2, $3, $4, $5::int, $6::jsonb, $7::text[], $8, $9, $10::timestamptz, $10::timestamptz, $12, $13::timestamptz
          where (select count(*) from reports.jobs where tenant = $3 and status in ('queued', 'running')) < $11::int
         on conflict (id) do nothing returning id),
       wanted as (
         insert into reports.deliveries (report, channel, due_at)
         select asked.id, channel, $10::timestamptz from asked, unnest($14::text[]) as channel)
       select id from asked`,
      [
        id,
        commandDigest,
        question.tenant,
        kind,
        version,
        JSON.stringify(question),
        formats,
        requestedBy.kind,
        requestedBy.id,
        clock.now(),
        WAITING_REPORTS_MAX,
        schedule?.id ?? null,
        schedule?.at ?? null,
        schedule?.channels ?? [],
      ],
    );
    if (rowCount === 0 && !(await this.knows({ id, commandDigest })))
      throw new TooManyReportsError(WAITING_REPORTS_MAX);
    onAdded?.();
  }

  /** A report, or null. */
  async find(id: string): Promise<ReportJob | null> {
    const { rows } = await this.dependencies.database.query<ReportJob>({
      name: 'reports.find',
      text: `select ${JOB_COLUMNS} from reports.jobs where id = $1`,
      values: [id],
    });
    return rows[0] ?? null;
  }

  /** Reports, the newest first, and whether there are more. */
  async list({
    tenant,
    status,
    kind,
    schedule,
    before,
    limit,
  }: ReportListQuery): Promise<{ items: ReportJob[]; more: boolean }> {
    const { rows } = await this.dependencies.database.query<ReportJob>({
      name: 'reports.list',
      text: `select ${JOB_COLUMNS} from reports.jobs
              where ($1::text is null or tenant = $1) and ($2::text is null or status = $2) and ($3::text is null or kind = $3)
                and ($4::bigint is null or number < $4) and ($6::text is null or schedule = $6)
              order by number desc limit $5`,
      values: [tenant, status ?? null, kind ?? null, before ?? null, limit + 1, schedule ?? null],
    });
    return { items: rows.slice(0, limit), more: rows.length > limit };
  }

  /**
   * Ends a report that is not done; what was made of it goes. Cancelling again changes nothing.
   * @throws {ReportEndedError} when it is done or has failed, or its files are complete already
   */
  async cancel(id: string): Promise<void> {
    const { database, clock } = this.dependencies;
    const { rowCount } = await database.query(
      `update reports.jobs set status = 'cancelled', waiting_for = null, finished_at = $2
        where id = $1 and (status = 'queued' or (status = 'running' and stage <> 'recording'))`,
      [id, clock.now()],
    );
    if (rowCount !== 0) return;
    const status = (await this.find(id))?.status ?? 'unknown';
    if (status !== 'cancelled') throw new ReportEndedError(status);
  }

  /** How many reports are in which state: those that wait or run now, of all tenants. */
  async unfinished(): Promise<Readonly<Record<'queued' | 'running', number>>> {
    const { rows } = await this.dependencies.database.query<{ queued: number; running: number }>(
      `select count(*) filter (where status = 'queued') as queued, count(*) filter (where status = 'running') as running
         from reports.jobs where status in ('queued', 'running')`,
    );
    return rows[0] ?? { queued: 0, running: 0 };
  }
}
