import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { catalogue } from '#libs/contracts';
import type { Database, Leases } from '#libs/database';
import { type CommandMetadata, DomainError } from '#libs/kernel';
import {
  DATABASE,
  describeError,
  EVENT_CODEC,
  EVENT_STORE,
  type EventStore,
  LEASES,
  SOFTWARE_VERSION,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import {
  type EventReader,
  type ProjectionWork,
  type RebuildOutcome,
  type RebuildProgress,
  rebuildProjections,
  verifyProjections,
} from '#libs/read-model';

/** Jobs of this process that can still be asked for. */
const JOBS_KEPT_MAX = 50;

/** Long work on projections, as it stands. */
export interface ProjectionJob {
  /** Id of the command that began it. */
  readonly id: string;
  readonly kind: 'rebuild' | 'verify';
  state: 'running' | 'done' | 'failed';
  progress: RebuildProgress | null;
  outcomes: readonly RebuildOutcome[] | null;
  error: { readonly code: string; readonly message: string } | null;
}

/** This server is doing such work already. */
export class JobUnderWayError extends DomainError {
  readonly code = 'projection-job-under-way';
  readonly kind = 'conflict';
  constructor() {
    super('This server rebuilds or verifies projections already. Wait for that job, then ask again.');
  }
}

/**
 * Rebuilds and verifies projections on behalf of the command line while this server holds the data; one job at a time. Jobs are remembered by
 * this process alone: a job of a server that ended is interrupted, and goes on when it is asked for again.
 */
@Injectable()
export class ProjectionJobs implements OnApplicationShutdown {
  readonly #log = new Logger(ProjectionJobs.name);
  readonly #jobs = new Map<string, ProjectionJob>();
  readonly #ending = new AbortController();
  #running: Promise<void> | null = null;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) private readonly reader: EventReader,
    @Inject(LEASES) private readonly leases: Leases,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** What the libraries need for such work. */
  get work(): ProjectionWork {
    const { database, store, reader, leases } = this;
    return { database, store, reader, leases, catalogue, software: SOFTWARE_VERSION };
  }

  find(id: string): ProjectionJob | undefined {
    return this.#jobs.get(id);
  }

  /** Begins a job; a repeat of the same command gets the job that it began. @throws {JobUnderWayError} */
  begin(kind: ProjectionJob['kind'], projections: readonly string[], metadata: CommandMetadata): ProjectionJob {
    const known = this.#jobs.get(metadata.commandId);
    if (known) return known;
    if (this.#running !== null) throw new JobUnderWayError();
    const job: ProjectionJob = {
      id: metadata.commandId,
      kind,
      state: 'running',
      progress: null,
      outcomes: null,
      error: null,
    };
    this.#keep(job);
    this.#running = this.#carryOut(job, projections, metadata).finally(() => {
      this.#running = null;
    });
    return job;
  }

  async onApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #carryOut(job: ProjectionJob, projections: readonly string[], metadata: CommandMetadata): Promise<void> {
    const onProgress = (progress: RebuildProgress) => {
      job.progress = progress;
    };
    const work = { ...this.work, onProgress, signal: this.#ending.signal };
    try {
      job.outcomes =
        job.kind === 'rebuild'
          ? await rebuildProjections(work, projections)
          : await verifyProjections(work, projections, { path: this.path, metadata });
      job.state = 'done';
    } catch (error) {
      job.state = 'failed';
      job.error = told(error);
      this.#log.error({ err: describeError(error) }, 'work on projections failed');
    }
  }

  #keep(job: ProjectionJob): void {
    this.#jobs.set(job.id, job);
    const [oldest] = this.#jobs.keys();
    if (oldest !== undefined && this.#jobs.size > JOBS_KEPT_MAX) this.#jobs.delete(oldest);
  }
}

/** Only errors that are meant for callers are told as they are. */
function told(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof DomainError) return { code: error.code, message: error.message };
  return { code: 'internal-error', message: 'Something went wrong here; the log of the server says what.' };
}
