import { FairQueue, type Waits } from './fair-queue.js';
import { PoolWorker } from './pool-worker.js';
import {
  WorkerJobFailedError,
  WorkerPoolBrokenError,
  WorkerPoolClosedError,
  WorkerQueueFullError,
  WorkerTimeoutError,
} from './worker-pool.errors.js';

/** Size and limits of a pool. */
export interface WorkerPoolOptions {
  /** Names the pool in errors and threads, as in "saml verification". */
  readonly name: string;
  /** Compiled JavaScript file of the worker, see `workerFile`; it must call `serveJobs`. */
  readonly file: string;
  /** Threads, at least 1. They start when first needed and stay. */
  readonly size: number;
  /** Jobs that may wait for a thread; one more is refused. Default 256. */
  readonly queueLimit?: number;
  /** Milliseconds that one job may run, from its start in a thread. Default 500. */
  readonly jobTimeoutMs?: number;
  /** Heap of one thread in MB; a job that needs more fails and its thread is replaced. Default 256: less makes collecting dear. */
  readonly memoryLimitMb?: number;
}

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** Threads in a row that may end while starting before waiting jobs are refused instead of trying for ever. */
const FAILED_STARTS_MAX = 3;

/** Share of the queue that one source may fill: there is always room for somebody else. */
const SHARE_OF_ONE_SOURCE = 3 / 4;

/**
 * A fixed number of worker threads with a bounded queue, in which sources take turns; large jobs never hold all threads.
 * A job that runs too long costs its own thread only: the thread is ended and replaced, and the other jobs go on.
 * Jobs and results are copied (structured clone), so both must be plain data.
 */
export class WorkerPool<Job, Result> {
  readonly #options: Required<WorkerPoolOptions>;
  readonly #workers = new Set<PoolWorker<Job, Result>>();
  readonly #idle: PoolWorker<Job, Result>[] = [];
  readonly #waiting = new FairQueue<Waiting<Job, Result>>();
  readonly #accepted = new Set<Promise<unknown>>();
  #largeUnderWay = 0;
  #failedStarts = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = { queueLimit: 256, jobTimeoutMs: 500, memoryLimitMb: 256, ...options };
    if (!(options.size >= 1)) throw new RangeError(`The pool ${options.name} needs at least one thread.`);
  }

  /** Jobs that wait for a thread, not counting those under way. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs one job and answers with what the worker's handler returned.
   * @throws {WorkerQueueFullError} when `queueLimit` jobs wait already, or three quarters of it are of a source that named itself
   * @throws {WorkerTimeoutError} when the job ran longer than `jobTimeoutMs`
   * @throws {WorkerJobFailedError} when the handler threw or the thread died
   * @throws {WorkerPoolBrokenError} when no thread starts
   * @throws {WorkerPoolClosedError} once `close` was called
   */
  async run(job: Job, waits: Waits = {}): Promise<Result> {
    const { name, queueLimit } = this.#options;
    const ofSource = waits.source === undefined ? 0 : this.#waiting.lengthOf(waits.source);
    if (this.#closed) throw new WorkerPoolClosedError(name);
    if (this.#waiting.length >= queueLimit || ofSource >= queueLimit * SHARE_OF_ONE_SOURCE)
      throw new WorkerQueueFullError(name, queueLimit);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#accepted.add(promise);
    this.#waiting.push({ job, resolve, reject }, waits);
    this.#dispatch();
    return promise.finally(() => this.#accepted.delete(promise));
  }

  /**
   * Starts every thread now and waits until all have loaded; without it threads start when first needed.
   * A worker's file that warms itself up before `serveJobs` thereby makes the first real job as quick as any.
   * @throws {Error} when a thread does not start
   */
  async start(): Promise<void> {
    if (this.#closed) throw new WorkerPoolClosedError(this.#options.name);
    while (this.#workers.size < this.#options.size) this.#spawn();
    await Promise.all([...this.#workers].map((worker) => worker.ready));
  }

  /** Takes no more jobs, lets accepted ones end, then ends the threads. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#accepted);
    await Promise.all([...this.#workers].map((worker) => worker.end()));
  }

  #dispatch(): void {
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      const next = this.#waiting.take({ large: this.#largeUnderWay < Math.max(1, this.#options.size - 1) });
      if (!next) {
        this.#idle.push(worker);
        break;
      }
      this.#start(worker, next.item, next.large);
    }
    let starting = [...this.#workers].filter(({ started }) => !started).length;
    for (; starting < this.#waiting.length && this.#workers.size < this.#options.size; starting += 1) this.#spawn();
  }

  #start(worker: PoolWorker<Job, Result>, { job, resolve, reject }: Waiting<Job, Result>, large: boolean): void {
    const { name, jobTimeoutMs } = this.#options;
    if (large) this.#largeUnderWay += 1;
    worker.run(job, jobTimeoutMs, (outcome) => {
      if (large) this.#largeUnderWay -= 1;
      if (outcome.kind === 'done') resolve(outcome.result);
      else if (outcome.kind === 'timeout') reject(new WorkerTimeoutError(name, jobTimeoutMs));
      else reject(new WorkerJobFailedError(name, outcome.reason));
    });
  }

  #spawn(): void {
    const { file, name, memoryLimitMb } = this.#options;
    const worker: PoolWorker<Job, Result> = new PoolWorker({
      file,
      name,
      memoryLimitMb,
      onIdle: () => {
        this.#failedStarts = 0;
        this.#idle.push(worker);
        this.#dispatch();
      },
      onExit: () => this.#replace(worker),
    });
    this.#workers.add(worker);
  }

  /** A thread that was ended is replaced before it is missed; one that never came up is not tried again without need. */
  #replace(worker: PoolWorker<Job, Result>): void {
    this.#workers.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
    if (!worker.started) this.#failedStarts += 1;
    else if (!this.#closed) this.#spawn();
    if (this.#failedStarts >= FAILED_STARTS_MAX) this.#refuseWaiting();
    this.#dispatch();
  }

  #refuseWaiting(): void {
    for (const { reject } of this.#waiting.drain()) reject(new WorkerPoolBrokenError(this.#options.name));
    this.#failedStarts = 0;
  }
}
