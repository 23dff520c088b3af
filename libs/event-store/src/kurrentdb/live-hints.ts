import { Nudge } from '../nudge.js';
import type { Connection } from './connection.js';
import { NoAnswerError } from './failure.js';
import { pause } from './patience.js';
import { categoryOf } from './read-events.js';
import { OUR_STREAMS } from './stored-form.js';

/** Shortest and longest wait before subscribing again after a failure, in milliseconds. */
const RETRY_MS = { shortest: 50, longest: 2_000 };

/** Events that may wait for us on the way. The hints are used up at once, so few are enough. */
const BUFFERED_EVENTS = 64;

/** The server says where it is at least every so many events, so that a busy server on which nothing concerns us does not seem dead. */
const SEARCH_WINDOW = 32;

interface Listener {
  readonly nudge: Nudge;
  readonly categories: ReadonlySet<string> | undefined;
}

/** What the hints need. */
export interface LiveHintsOptions {
  readonly connection: Connection;
  /** After so many milliseconds without an event or a checkpoint the subscription is made anew. */
  readonly quietMs: number;
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Wakes followers as soon as an event is there that concerns them, whichever process appended it: one subscription for all of them, which the
 * server filters. It only ever says "look now"; what is delivered is read from the log, so a hint that is lost or doubled harms nobody. The
 * client does not subscribe again by itself and does not notice a server that stays connected but silent; this does both.
 */
export class LiveHints {
  readonly #listeners = new Set<Listener>();
  readonly #options: LiveHintsOptions;
  readonly #closing: AbortSignal;
  #running: Promise<void> | undefined;

  constructor(options: LiveHintsOptions, closing: AbortSignal) {
    this.#options = options;
    this.#closing = closing;
  }

  /** Wakes `nudge` for events of these categories (of all, if none are named) until it is told to stop. */
  listen(nudge: Nudge, categories: readonly string[] | undefined): () => void {
    const listener = { nudge, categories: categories && new Set(categories) };
    this.#listeners.add(listener);
    this.#running ??= this.#run();
    return () => this.#listeners.delete(listener);
  }

  /** Wakes whoever is concerned by an event in this stream. */
  wake(stream: string): void {
    for (const { nudge, categories } of this.#listeners)
      if (!categories || categories.has(categoryOf(stream))) nudge.wake();
  }

  /** Resolves when the subscription has ended, after the signal was aborted. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closing.aborted) {
      try {
        await this.#subscribeOnce(() => {
          failures = 0;
        });
      } catch (error) {
        if (this.#closing.aborted) return;
        this.#options.onTrouble(error);
        await pause(Math.min(RETRY_MS.longest, RETRY_MS.shortest * 2 ** failures++), this.#closing);
      }
    }
  }

  /** Listens until the subscription breaks (then it throws), has been quiet for too long, or is no longer wanted. */
  async #subscribeOnce(onAlive: () => void): Promise<void> {
    const connection = this.#options.connection;
    const client = await connection.client();
    let timer: NodeJS.Timeout | undefined;
    const alive = () => {
      timer?.refresh();
      onAlive();
    };
    const subscription = client.subscribeToAll(
      {
        fromPosition: 'end',
        filter: {
          filterOn: 'streamName',
          regex: OUR_STREAMS,
          maxSearchWindow: SEARCH_WINDOW,
          checkpointInterval: 1,
          checkpointReached: alive,
        },
      },
      { highWaterMark: BUFFERED_EVENTS },
    );
    const quiet = new NoAnswerError(this.#options.quietMs);
    timer = setTimeout(() => subscription.destroy(quiet), this.#options.quietMs);
    const close = () => subscription.destroy();
    this.#closing.addEventListener('abort', close, { once: true });
    subscription.on('error', () => {}); // the loop below throws it; without a listener an early one would end the process
    subscription.on('confirmation', () => {
      alive();
      for (const { nudge } of this.#listeners) nudge.wake(); // something may have happened while nobody listened
    });
    try {
      for await (const { event } of subscription) {
        alive();
        if (event) this.wake(event.streamId);
      }
      if (!this.#closing.aborted) throw new Error('The subscription to the event store was ended on the way.');
    } catch (error) {
      if (error !== quiet && !this.#closing.aborted) throw error;
    } finally {
      clearTimeout(timer);
      this.#closing.removeEventListener('abort', close);
      void subscription.unsubscribe().catch(() => {}); // leaving the loop alone would keep it open on the server
    }
  }
}
