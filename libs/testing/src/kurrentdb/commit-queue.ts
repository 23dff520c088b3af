import type { EventLog } from './event-log.js';
import type { LogFile } from './log-file.js';

/** Writes that share one flush, at most. */
const GROUP_MAX = 500;

interface Job {
  readonly work: () => unknown;
  readonly resolve: (outcome: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Carries out writes one after another and answers each when it is durable: whatever waits meanwhile goes together into the next
 * flush. Readers see nothing that a crash could take back.
 */
export class CommitQueue {
  #waiting: Job[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly log: EventLog,
    private readonly onBroken: (reason: unknown) => void,
    private readonly file?: Pick<LogFile, 'flush'>,
  ) {}

  /**
   * Runs the work, which may stage events, and answers its outcome once they are durable and visible.
   * Undefined when the server is gone, or the disk refused: then nobody can tell what was stored, and nothing may be answered.
   */
  commit<T>(work: () => T): Promise<T | undefined> {
    return new Promise<T | undefined>((resolve, reject) => {
      if (this.#closed) return resolve(undefined);
      this.#waiting.push({ work, resolve: resolve as Job['resolve'], reject });
      this.#running ??= this.#drain();
    });
  }

  /** Takes no more, and waits for what was taken. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, GROUP_MAX);
      const answers = group.map(answerOf);
      try {
        await this.file?.flush();
        this.log.publish();
        for (const answer of answers) answer();
      } catch (error) {
        this.#breakDown(group);
        this.onBroken(error);
      }
    }
    this.#running = undefined;
  }

  #breakDown(group: readonly Job[]): void {
    this.#closed = true;
    for (const { resolve } of [...group, ...this.#waiting]) resolve(undefined);
    this.#waiting = [];
  }
}

function answerOf({ work, resolve, reject }: Job): () => void {
  try {
    const outcome = work();
    return () => resolve(outcome);
  } catch (error) {
    return () => reject(error);
  }
}
