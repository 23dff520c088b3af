import { parentPort } from 'node:worker_threads';
import type { JobRequest, WorkerMessage } from './job.protocol.js';

/**
 * Makes this worker thread answer the jobs of a {@link WorkerPool}, one after the other.
 * Call it once, last in the worker's file: it tells the pool that everything is loaded.
 * Expected outcomes belong into `Result`; an exception reaches the caller as a `WorkerJobFailedError` without its text,
 * because the text of a library's error may repeat what a stranger sent.
 * @throws {TypeError} on the main thread
 */
export function serveJobs<Job, Result>(handle: (job: Job) => Promise<Result> | Result): void {
  const port = parentPort;
  if (!port) throw new TypeError('serveJobs runs in a worker thread only.');
  const send = (message: WorkerMessage<Result>) => port.postMessage(message);
  port.on('message', async ({ id, job }: JobRequest<Job>) => {
    try {
      send({ kind: 'done', id, result: await handle(job) });
    } catch (cause) {
      send({ kind: 'failed', id, reason: cause instanceof Error ? cause.name : typeof cause });
    }
  });
  send({ kind: 'ready' });
}
