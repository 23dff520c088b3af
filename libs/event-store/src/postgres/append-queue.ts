import { EventStoreBusyError } from '../event-store.errors.js';
import type { Appended } from '../event-store.port.js';
import type { AppendRequest } from './append-request.js';

/** Most requests in one batch. More would lengthen the time for which other writers wait. */
export const MAX_BATCH_REQUESTS = 512;

/** Bytes of JSON at which a batch is closed; a single larger request goes alone. */
const MAX_BATCH_BYTES = 8_000_000;

/** Most requests that wait. At 10,000 appends/s that is a second of work; whoever comes later is told to come back. */
export const MAX_QUEUED_REQUESTS = 10_000;

/** Most bytes of JSON that wait. */
const MAX_QUEUED_BYTES = 128_000_000;

/** What became of one request of a batch. */
export type Settled = Appended | Error;

/** Writes a batch and answers in its order. Never throws, so that no caller waits for ever. */
export type WriteBatch = (batch: readonly AppendRequest[]) => Promise<readonly Settled[]>;

interface Waiting {
  readonly request: AppendRequest;
  readonly settle: (settled: Settled) => void;
}

/**
 * Group commit: appends that arrive while a batch is being written form the next batch, so that many share one statement and one
 * commit. One batch is in flight at a time; a lone append goes out at once, without a timer. At most one request per stream is in a
 * batch, and requests for one stream keep their order.
 */
export class AppendQueue {
  #waiting: Waiting[] = [];
  #bytes = 0;
  #writing = false;
  #idle: (() => void)[] = [];
  readonly #write: WriteBatch;

  constructor(write: WriteBatch) {
    this.#write = write;
  }

  /**
   * Resolves when the append is durable.
   * @throws {EventStoreBusyError} when too many already wait
   */
  async append(request: AppendRequest): Promise<Appended> {
    if (this.#waiting.length >= MAX_QUEUED_REQUESTS || this.#bytes >= MAX_QUEUED_BYTES) throw new EventStoreBusyError();
    const settled = await new Promise<Settled>((settle) => {
      this.#waiting.push({ request, settle });
      this.#bytes += request.bytes;
      if (!this.#writing) this.#start();
    });
    if (settled instanceof Error) throw settled;
    return settled;
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async drained(): Promise<void> {
    if (this.#writing) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Begins in a moment rather than now, so that all appends of this turn of the event loop share the first batch. */
  #start(): void {
    this.#writing = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const settled = await this.#write(batch.map(({ request }) => request));
      for (const [index, { settle }] of batch.entries()) settle(settled[index] as Settled);
      await new Promise(setImmediate); // lets those who were just answered append again into the next batch
    }
    this.#writing = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const left: Waiting[] = [];
    const streams = new Set<string>();
    let bytes = 0;
    for (const waiting of this.#waiting) {
      const { stream, bytes: size } = waiting.request;
      const fits = batch.length === 0 || (batch.length < MAX_BATCH_REQUESTS && bytes + size <= MAX_BATCH_BYTES);
      const taken = fits && !streams.has(stream);
      streams.add(stream);
      (taken ? batch : left).push(waiting);
      if (taken) bytes += size;
    }
    this.#waiting = left;
    this.#bytes -= bytes;
    return batch;
  }
}
