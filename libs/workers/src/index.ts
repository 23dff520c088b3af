export type { Waits } from './fair-queue.js';
export { serveJobs } from './serve-jobs.js';
export { workerFile } from './worker-file.js';
export {
  WorkerJobFailedError,
  WorkerPoolBrokenError,
  WorkerPoolClosedError,
  WorkerQueueFullError,
  WorkerTimeoutError,
} from './worker-pool.errors.js';
export { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
