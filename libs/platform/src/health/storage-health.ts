import { Injectable, Optional } from '@nestjs/common';
import { type Database, probeStorage, StorageFullError } from '#libs/database';
import { Readiness, type ReadinessAnswer } from './readiness.js';

/** How often a full disk is looked at again, in milliseconds. */
const PROBE_EVERY_MS = 5_000;

/**
 * Remembers that the disk was full. From then on the server is not ready, so that no more requests are sent to it, until something could
 * be recorded again: an append, or a probe, since without requests there would be no append.
 */
@Injectable()
export class StorageHealth {
  #full = false;
  #probeAt = 0;
  #database: Pick<Database, 'transaction'> | null = null;

  constructor(@Optional() private readonly readiness?: Readiness) {}

  /** Shows the state as readiness `storage`, and lets the disk of this database be probed. Call it once. */
  watch(database: Pick<Database, 'transaction'>): void {
    this.#database = database;
    this.readiness?.register('storage', () => this.ready());
  }

  /** Something was recorded. */
  recorded(): void {
    this.#full = false;
  }

  /** Something could not be recorded; only a full disk counts. */
  refused(error: unknown): void {
    if (!(error instanceof StorageFullError)) return;
    this.#full = true;
    this.#probeAt = performance.now() + PROBE_EVERY_MS;
  }

  /** Whether the disk has room, as far as is known; looks again if it had none. */
  async ready(): Promise<ReadinessAnswer> {
    if (this.#full && this.#database && performance.now() >= this.#probeAt) await this.#probe(this.#database);
    return this.#full
      ? { ready: false, detail: 'no space left: free space on the disk of the database' }
      : { ready: true };
  }

  async #probe(database: Pick<Database, 'transaction'>): Promise<void> {
    this.#probeAt = performance.now() + PROBE_EVERY_MS;
    try {
      await probeStorage(database);
      this.recorded();
    } catch {
      // still full, or not to be asked: the next look tries again
    }
  }
}
