import type { Database, Lease, Queryable } from '#libs/database';
import type { Clock } from '#libs/kernel';
import type { Footing } from '../evidence/footing.queries.js';
import type { EvidenceFile, EvidenceSheet } from '../evidence.js';
import type { Counts } from '../report-kind.js';
import { pack } from './packing.js';
import { JOB_COLUMNS, type RefusedFormat, type ReportFailure, type ReportJob, type ReportStage } from './report-job.js';
import { JobEndedError } from './reports.errors.js';

/** How long the files of a report are kept, in milliseconds (P30D). */
export const FILES_KEPT_MS = 30 * 86_400_000;

/** What was gathered in one go. */
export interface GatheredRows {
  /** As `packLines` makes them; null for none. */
  readonly packed: Buffer | null;
  /** Where to go on. */
  readonly bookmark: string;
  /** So far, in all. */
  readonly rows: number;
  readonly erased: number;
  readonly counts: Counts;
  readonly progress: number;
}

/** Who writes down what becomes of a job. */
export interface JobRecordDependencies {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly lease: Pick<Lease, 'guard'>;
  readonly clock: Clock;
}

/** Sets columns of a job that is still being made. `$1` is its id, `$2` the number of its chunks as this process knows it. */
const ofRunning = (changes: string) =>
  `update reports.jobs set ${changes} where id = $1 and status = 'running' and chunks = $2`;

/** In the place of a chunk that was left when the report was begun anew; answers how many bytes that was. */
const KEEP_ROWS = `
  with left_there as (select octet_length(data) as bytes from reports.row_chunks where job = $1 and chunk = $2),
  kept as (
    insert into reports.row_chunks (job, chunk, through, data) values ($1, $2, $3, $4)
    on conflict (job, chunk) do update set through = excluded.through, data = excluded.data)
  select coalesce(sum(bytes), 0)::bigint as bytes from left_there`;

/** What lies there of a job: rows and files that were begun anew count until others take their place. */
const BYTES_THERE = `
  (select coalesce(sum(octet_length(data)), 0)::bigint from reports.row_chunks where job = $1)
  + (select coalesce(sum(octet_length(data)), 0)::bigint from reports.file_chunks where job = $1)`;

const FORGET_FILE = `
  with gone as (delete from reports.file_chunks where job = $1 and name = $2 returning octet_length(data) as bytes)
  select coalesce(sum(bytes), 0)::bigint as bytes from gone`;

/**
 * What is begun goes on first. Else it is the turn of the tenant for which a report was begun the longest ago, so that nobody waits for all
 * that another has asked for; of each tenant in the order in which they were asked for.
 */
const NEXT = `
  select id from reports.jobs waiting where status in ('queued', 'running') and due_at <= $1
   order by status = 'running' desc,
     (select max(begun.started_at) from reports.jobs begun where begun.tenant = waiting.tenant) nulls first,
     number
   limit 1`;

/**
 * Writes down, piece by piece, what is made of one job. Every write is one short transaction under the lease, and changes nothing once the
 * job was cancelled or another process has gone on with it.
 */
export class JobRecord {
  #chunks: number;

  constructor(
    private readonly dependencies: JobRecordDependencies,
    private readonly job: Pick<ReportJob, 'id' | 'chunks'>,
  ) {
    this.#chunks = job.chunks;
  }

  /**
   * Keeps rows together with where to go on. Only a new place to go on from shows that the making has come further: where it stands still,
   * whatever ends the process would end it again.
   * @throws {JobEndedError}
   */
  async gathered({ packed, bookmark, rows, erased, counts, progress }: GatheredRows): Promise<void> {
    const { id } = this.job;
    await this.#write(async (client) => {
      const left = packed ? await client.query<{ bytes: number }>(KEEP_ROWS, [id, this.#chunks, rows, packed]) : null;
      return client.query(
        ofRunning(
          `bookmark = $3, row_count = $4, erased = $5, counts = $6::jsonb, progress = greatest(progress, $7::double precision),
           chunks = chunks + $8::int, kept_bytes = kept_bytes + $9::bigint, waiting_for = null,
           attempts = case when bookmark is distinct from $3 then 0 else attempts end`,
        ),
        [
          id,
          this.#chunks,
          bookmark,
          rows,
          erased,
          JSON.stringify(counts),
          progress,
          packed ? 1 : 0,
          (packed?.length ?? 0) - (left?.rows[0]?.bytes ?? 0),
        ],
      );
    });
    if (packed) this.#chunks += 1;
  }

  /** What the rows stand on. @throws {JobEndedError} */
  async standsOn(footing: Footing): Promise<void> {
    await this.#update('footing = $3::jsonb', [JSON.stringify(footing)]);
  }

  /** Throws away what was made so far; new rows take the place of the old ones, piece by piece. @throws {JobEndedError} */
  async begunAnew(): Promise<void> {
    await this.#update(
      `stage = 'gathering', bookmark = null, footing = null, row_count = 0, erased = 0, counts = '{}', chunks = 0, progress = 0,
       files = '[]', refused = '[]', kept_bytes = ${BYTES_THERE}`,
      [],
    );
    this.#chunks = 0;
  }

  /** Makes sure that the report is still wanted, and that nobody else has gone on with it. @throws {JobEndedError} @throws {LeaseLostError} */
  async stillWanted(): Promise<void> {
    await this.#write((client) => this.#touch(client));
  }

  /** Goes on to the next stage. @throws {JobEndedError} */
  async reached(stage: ReportStage): Promise<void> {
    await this.#update(`stage = $3, attempts = 0, waiting_for = null`, [stage]);
  }

  /** Begins a file: what another process may have left of it goes first. @throws {JobEndedError} */
  async beginFile(name: string): Promise<void> {
    await this.#write(async (client) => {
      const { rows } = await client.query<{ bytes: number }>(FORGET_FILE, [this.job.id, name]);
      return this.#touch(client, 0, -(rows[0]?.bytes ?? 0));
    });
  }

  /** Keeps a part of a file. @throws {JobEndedError} */
  async filePart(name: string, chunk: number, part: Buffer, progress: number): Promise<void> {
    const packed = pack(part);
    await this.#write(async (client) => {
      await client.query('insert into reports.file_chunks (job, name, chunk, data) values ($1, $2, $3, $4)', [
        this.job.id,
        name,
        chunk,
        packed,
      ]);
      return this.#touch(client, progress, packed.length);
    });
  }

  /** A file is complete. @throws {JobEndedError} */
  async endFile(file: EvidenceFile): Promise<void> {
    await this.#update('files = files || $3::jsonb, attempts = 0', [JSON.stringify([file])]);
  }

  /** A format cannot hold the report; the others go on. @throws {JobEndedError} */
  async refuse(refused: RefusedFormat): Promise<void> {
    await this.#update('refused = refused || $3::jsonb, attempts = 0', [JSON.stringify([refused])]);
  }

  /** Everything is made and will not change; from here on nobody can cancel it. @throws {JobEndedError} */
  async sealed(sheet: EvidenceSheet, files: readonly EvidenceFile[]): Promise<void> {
    await this.#update(`sheet = $3::jsonb, files = $4::jsonb, stage = 'recording', progress = 0.99, attempts = 0`, [
      JSON.stringify(sheet),
      JSON.stringify(files),
    ]);
  }

  /** The report is there for everybody. @throws {JobEndedError} */
  async done(): Promise<void> {
    const now = this.dependencies.clock.now();
    const expiresAt = new Date(now.getTime() + FILES_KEPT_MS);
    await this.#update(`status = 'done', progress = 1, waiting_for = null, finished_at = $3, expires_at = $4`, [
      now,
      expiresAt,
    ]);
  }

  /** The report cannot be made. @throws {JobEndedError} */
  async failed(failure: ReportFailure): Promise<void> {
    const now = this.dependencies.clock.now();
    await this.#update(`status = 'failed', waiting_for = null, failure = $3::jsonb, finished_at = $4`, [
      JSON.stringify(failure),
      now,
    ]);
  }

  /** Comes back to the job later; what was made so far stays. @throws {JobEndedError} */
  async postponed(waitingFor: string, forMs: number): Promise<void> {
    const dueAt = new Date(this.dependencies.clock.now().getTime() + forMs);
    await this.#update('waiting_for = $3, due_at = $4, attempts = 0', [waitingFor, dueAt]);
  }

  async #update(changes: string, values: readonly unknown[]): Promise<void> {
    await this.#write((client) => client.query(ofRunning(changes), [this.job.id, this.#chunks, ...values]));
  }

  /** Locks the job, so that it cannot be cancelled between its state and its parts. */
  #touch(client: Queryable, progress = 0, bytes = 0): Promise<{ rowCount: number | null }> {
    const changes = `progress = greatest(progress, $3::double precision), kept_bytes = kept_bytes + $4::bigint, waiting_for = null`;
    return client.query(ofRunning(changes), [this.job.id, this.#chunks, progress, bytes]);
  }

  async #write(work: (client: Queryable) => Promise<{ rowCount: number | null }>): Promise<void> {
    const { database, lease } = this.dependencies;
    await database.transaction(async (client) => {
      await lease.guard(client);
      const { rowCount } = await work(client);
      if (rowCount !== 1) throw new JobEndedError();
    });
  }
}

/**
 * Takes the job that is being made, or the next one, and counts that it was begun.
 * @returns null when nothing is due
 */
export async function takeNextJob({
  database,
  lease,
  clock,
}: JobRecordDependencies): Promise<(ReportJob & { readonly attempts: number }) | null> {
  return database.transaction(async (client) => {
    await lease.guard(client);
    const { rows } = await client.query<ReportJob & { attempts: number }>(
      `update reports.jobs set status = 'running', attempts = attempts + 1, started_at = coalesce(started_at, $1::timestamptz)
        where id = (${NEXT})
        returning ${JOB_COLUMNS}, attempts`,
      [clock.now()],
    );
    return rows[0] ?? null;
  });
}
