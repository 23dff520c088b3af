import { Worker } from 'node:worker_threads';
import type { JobRequest, WorkerMessage } from './job.protocol.js';

/** How one thread of a pool is started, and whom it tells. */
export interface PoolWorkerOptions {
  readonly file: string;
  readonly name: string;
  readonly memoryLimitMb: number;
  /** Loaded, or done with a job: free for the next one. */
  readonly onIdle: () => void;
  /** The thread is gone, whatever the reason. */
  readonly onExit: () => void;
}

/** How a job ended, seen from the thread that ran it. */
export type JobOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timeout' };

/** Room for short-lived objects. More would save a tenth of the processor time and cost 100 MB per thread. */
const YOUNG_MEMORY_MB = 16;

/**
 * One worker thread and the job it is on, at most one at a time.
 * The thread gets an empty environment: what it works on comes from strangers, and it needs no secret.
 */
export class PoolWorker<Job, Result> {
  /** Settles once the thread has loaded, or has ended before that. */
  readonly ready: Promise<void>;
  started = false;
  readonly #thread: Worker;
  #jobs = 0;
  #settle: ((outcome: JobOutcome<Result>) => void) | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(private readonly options: PoolWorkerOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    promise.catch(() => undefined); // nobody may be waiting for the start
    this.#thread = new Worker(options.file, {
      name: options.name,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.memoryLimitMb, maxYoungGenerationSizeMb: YOUNG_MEMORY_MB },
    });
    this.#thread.on('message', (message: WorkerMessage<Result>) => this.#receive(message, resolve));
    this.#thread.on('error', (cause) => {
      reject(cause);
      this.#finish({ kind: 'failed', reason: errorCode(cause) });
    });
    this.#thread.on('exit', () => {
      reject(new Error(`A thread of ${options.name} ended while it started.`));
      this.#finish({ kind: 'failed', reason: 'worker exited' });
      options.onExit();
    });
  }

  /** Runs one job; only to be called while idle. The clock starts now: an idle thread begins at once. */
  run(job: Job, timeoutMs: number, settle: (outcome: JobOutcome<Result>) => void): void {
    this.#thread.ref();
    this.#settle = settle;
    this.#jobs += 1;
    const id = this.#jobs;
    this.#deadline = setTimeout(() => this.#expire(id), timeoutMs);
    this.#thread.postMessage({ id, job } satisfies JobRequest<Job>);
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  #receive(message: WorkerMessage<Result>, loaded: () => void): void {
    if (message.kind === 'ready') {
      this.started = true;
      loaded();
    } else if (message.id !== this.#jobs || !this.#finish(message)) return;
    this.#thread.unref(); // an idle thread does not keep the process alive
    this.options.onIdle();
  }

  /** The answer may already lie in the inbox when this process itself was busy: messages are read before the thread is blamed. */
  #expire(job: number): void {
    setImmediate(() => {
      if (job !== this.#jobs || !this.#finish({ kind: 'timeout' })) return;
      this.end().catch(() => undefined); // it has ended by itself
    });
  }

  #finish(outcome: JobOutcome<Result>): boolean {
    const settle = this.#settle;
    if (!settle) return false;
    clearTimeout(this.#deadline);
    this.#settle = undefined;
    settle(outcome);
    return true;
  }
}

/** The code that Node gave the fault (`ERR_WORKER_OUT_OF_MEMORY`); its text may repeat the job's content. */
function errorCode(cause: unknown): string {
  const coded = typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string';
  return coded ? String(cause.code) : 'worker crashed';
}
