/** What the pool sends to a worker: one job at a time. */
export interface JobRequest<Job> {
  readonly id: number;
  readonly job: Job;
}

/** What a worker sends back: that it has loaded, what came of a job, or that the handler threw. */
export type WorkerMessage<Result> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly result: Result }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };
