import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Database } from '#libs/database';
import { DATABASE } from '#libs/platform';
import { readPosition } from '#libs/read-model';

/** Pauses between looks, milliseconds: short at first, since a projection is usually there at once. */
const PAUSE_MIN_MS = 5;
const PAUSE_MAX_MS = 50;

/** After so long, milliseconds, the log says what is waited for, and again each time. */
const PATIENCE_MS = 30_000;

/** How far the read model has come, for those who look things up in it about an event that they have read. */
@Injectable()
export class ReadModelPlace {
  readonly #log = new Logger(ReadModelPlace.name);
  /** What was seen last: a read model never goes back, save for one that is rebuilt in place, which is then behind for everybody. */
  #seen = -1;

  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Position of the sealed log up to which every projection has everything. */
  async position(): Promise<number> {
    this.#seen = (await readPosition(this.database)).position;
    return this.#seen;
  }

  /** Resolves once the read model has reached a position, or the signal is aborted: however long it takes, since there is nothing else to do. */
  async reached(position: number, signal: AbortSignal): Promise<void> {
    if (this.#seen >= position) return;
    let said = performance.now();
    for (let pauseMs = PAUSE_MIN_MS; !signal.aborted && (await this.position()) < position; ) {
      if (performance.now() - said > PATIENCE_MS) {
        said = performance.now();
        this.#log.warn(`waiting for the read model: it is at position ${this.#seen}, and ${position} is needed`);
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    }
  }
}
