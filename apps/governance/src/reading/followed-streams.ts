import { setTimeout as delay } from 'node:timers/promises';
import type { SealedStoredEvent } from '#libs/bus';
import type { SealedEvent } from '#libs/kernel';

/** Streams whose events are followed at the same time; the events of one stream keep their order. */
const STREAMS_AT_ONCE = 16;
/** How often an event is tried before its stream is put aside. */
const TRIES_IN_TURN = 4;
/** An event that takes longer, milliseconds, goes on aside. */
const SLOW_MS = 5_000;
/** Events that wait aside at most; beyond, nothing new is read until some of them succeed. */
const ASIDE_MAX = 10_000;

/** Pauses before an event is tried again, milliseconds. */
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 30_000;

/** What is done with each event. */
export interface Following {
  /** @throws when any of them cannot be decoded; results in their order */
  readonly decode: (events: readonly SealedStoredEvent[]) => Promise<SealedEvent[]>;
  readonly handle: (event: SealedEvent) => Promise<void>;
  /** Told of every failure. */
  readonly onFailure: (error: unknown, event: SealedStoredEvent) => void;
  /** For tests; `RETRY_MIN_MS` otherwise. */
  readonly retryMs?: number;
  /** For tests; `SLOW_MS` otherwise. */
  readonly slowMs?: number;
}

/** An event as it came, and decoded where that could be done together with others. */
interface Arrived {
  readonly stored: SealedStoredEvent;
  readonly event: SealedEvent | null;
}

/**
 * Follows events, those of one stream in their order. A stream whose event fails again and again, even because it cannot be decoded, or takes
 * long, is put aside with everything that comes after on it and followed further beside the others, so that it holds up nobody else.
 */
export class FollowedStreams {
  readonly #aside = new Map<string, { readonly partition: number; readonly events: Arrived[] }>();
  readonly #failing = new Set<string>();
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running = new Set<Promise<void>>();
  #waiting = 0;

  constructor(
    private readonly following: Following,
    signal: AbortSignal,
  ) {
    this.#signal = AbortSignal.any([signal, this.#ended.signal]);
  }

  /** Whether any event is being tried again. */
  get isFailing(): boolean {
    return this.#failing.size > 0;
  }

  /** Whether something of a partition waits aside, so that reading has to begin before it after a crash. */
  waitsIn(partition: number): boolean {
    return [...this.#aside.values()].some((stream) => stream.partition === partition);
  }

  /** Resolves when each event was followed or is put aside. */
  async take(partition: number, events: readonly SealedStoredEvent[]): Promise<void> {
    const streams = [...Map.groupBy(await this.#arrived(events), ({ stored }) => stored.stream).values()];
    const worker = async () => {
      for (let own = streams.shift(); own; own = streams.shift()) await this.#follow(partition, own);
    };
    await Promise.all(Array.from({ length: STREAMS_AT_ONCE }, worker));
  }

  /** Drops what waits aside: whoever reads next comes to it again. */
  async end(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#running);
  }

  /** Together is faster; where one of them cannot be decoded, each is decoded in its turn. */
  async #arrived(events: readonly SealedStoredEvent[]): Promise<Arrived[]> {
    const decoded = await this.following.decode(events).catch(() => []);
    return events.map((stored, index) => ({ stored, event: decoded[index] ?? null }));
  }

  async #follow(partition: number, events: Arrived[]): Promise<void> {
    for (let next = events[0]; next && !this.#signal.aborted; next = events[0]) {
      const aside = this.#aside.get(next.stored.stream);
      if (aside) {
        aside.events.push(...events);
        this.#waiting += events.length;
        return;
      }
      const hasRoom = () => this.#waiting + events.length <= ASIDE_MAX;
      const followed = this.#surely(next, hasRoom);
      if (await this.#soon(followed, hasRoom)) events.shift();
      else if (!this.#signal.aborted) this.#putAside(partition, next.stored.stream, followed);
    }
  }

  /** @returns whether it was followed, without waiting for what takes long if there is room aside */
  async #soon(followed: Promise<boolean>, hasRoom: () => boolean): Promise<boolean> {
    const timer = new AbortController();
    const { slowMs = SLOW_MS } = this.following;
    const slow = delay(slowMs, false, { signal: timer.signal }).catch(() => false);
    const inTime = await Promise.race([followed, slow.then((late) => (hasRoom() ? late : followed))]);
    timer.abort();
    return inTime;
  }

  #putAside(partition: number, stream: string, first: Promise<boolean>): void {
    const events: Arrived[] = [];
    this.#aside.set(stream, { partition, events });
    const running = this.#followAside(stream, events, first).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** @param first what comes of the first of the events, which whoever put the stream aside adds next */
  async #followAside(stream: string, events: Arrived[], first: Promise<boolean>): Promise<void> {
    let followed = await first;
    for (let next = events[0]; next && !this.#signal.aborted; next = events[0]) {
      followed ||= await this.#surely(next, () => false);
      if (!followed) return;
      followed = false;
      events.shift();
      this.#waiting -= 1;
    }
    this.#aside.delete(stream);
  }

  /** @param givesUp whether to leave it after some tries @returns whether it was followed */
  async #surely(arrived: Arrived, givesUp: () => boolean): Promise<boolean> {
    const { stream } = arrived.stored;
    const { retryMs = RETRY_MIN_MS } = this.following;
    let pauseMs = this.#aside.has(stream) ? retryMs * 2 ** TRIES_IN_TURN : retryMs;
    for (let nth = 1; !this.#signal.aborted; nth += 1) {
      try {
        await this.following.handle(arrived.event ?? (await this.#decodedAlone(arrived.stored)));
        this.#failing.delete(stream);
        return true;
      } catch (error) {
        this.#failing.add(stream);
        this.following.onFailure(error, arrived.stored);
        if (nth >= TRIES_IN_TURN && givesUp()) return false;
        await delay(pauseMs, undefined, { signal: this.#signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS);
      }
    }
    return false;
  }

  async #decodedAlone(stored: SealedStoredEvent): Promise<SealedEvent> {
    const [event] = await this.following.decode([stored]);
    if (!event) throw new TypeError('An event was decoded to nothing.');
    return event;
  }
}
