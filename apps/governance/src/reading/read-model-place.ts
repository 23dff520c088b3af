import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Database } from '#libs/database';
import { DATABASE, EVENT_STORE, type EventStore, ReadModelBehindError } from '#libs/platform';
import { readPosition } from '#libs/read-model';

/** Pauses between looks, milliseconds: short at first, since a projection is usually there at once. */
const PAUSE_MIN_MS = 5;
const PAUSE_MAX_MS = 50;

/** How long whoever needs everything waits for it, milliseconds, and how often is looked. */
const CATCH_UP_MS = 5_000;
const LOOK_MS = 20;

/** After so long, milliseconds, the log says what is waited for, and again each time. */
const PATIENCE_MS = 30_000;

/** How far the read model has come, for those who look things up in it about an event that they have read. */
@Injectable()
export class ReadModelPlace {
  readonly #log = new Logger(ReadModelPlace.name);
  /** What was seen last: a read model never goes back, save for one that is rebuilt in place, which is then behind for everybody. */
  #seen = -1;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'head'>,
  ) {}

  /** Position of the sealed log up to which every projection has everything. */
  async position(): Promise<number> {
    this.#seen = (await readPosition(this.database)).position;
    return this.#seen;
  }

  /**
   * Resolves once the read model has everything that was appended until now, for those who conclude from what is not there: of a sign-in that it lacks
   * it would say that nobody came.
   * @returns the position that it has reached
   * @throws {ReadModelBehindError} when it is not there in time
   */
  async caughtUp(): Promise<number> {
    const head = await this.store.head();
    const deadline = performance.now() + CATCH_UP_MS;
    for (;;) {
      const { position, storePosition } = await readPosition(this.database);
      if (storePosition >= head) return position;
      if (performance.now() > deadline) throw new ReadModelBehindError();
      await delay(LOOK_MS);
    }
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
