import type { status } from '@grpc/grpc-js';
import { type CallFailure, callFailure } from './grpc-errors.js';

/** The kinds of call that a fault can be asked for. A read is one with an end; a subscription has none. */
export type CallKind = 'append' | 'read' | 'subscribe' | 'delete' | 'features' | 'gossip';

/** How the server refuses an append while everything else goes on. */
export type Refusal = 'timeout' | 'access-denied' | 'unknown';

/** What becomes of one call. A write can have been stored all the same. */
export type Fate =
  | { readonly kind: 'served' }
  | { readonly kind: 'unanswered'; readonly stored: boolean }
  | { readonly kind: 'failed'; readonly failure: CallFailure; readonly stored: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const SERVED: Fate = { kind: 'served' };

/** What the test can look up afterwards. */
export interface Seen {
  /** Calls that arrived, by kind; each append of a batch stream counts. */
  readonly calls: Readonly<Record<CallKind, number>>;
  /** Batch appends that carried a deadline. The stand-in does not act on it, whatever the clocks say. */
  readonly deadlines: number;
  /** Subscriptions that are open at this moment. */
  readonly subscriptions: number;
}

interface Planned {
  readonly which: CallKind | 'any';
  readonly fate: Fate;
  times: number;
}

/**
 * Faults that a test asks for. All are deterministic: they hit the next calls of a kind in the order of arrival, in the order in
 * which they were asked for, and then no more. Without a fault every call is served at once.
 */
export class Faults {
  #planned: Planned[] = [];
  readonly #delays = new Map<CallKind | 'any', number>();
  readonly #waiting = new Map<NodeJS.Timeout, () => void>();
  #stalled: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  readonly #calls = { append: 0, read: 0, subscribe: 0, delete: 0, features: 0, gossip: 0 };
  #deadlines = 0;
  #subscriptions = 0;

  constructor(
    private readonly address: () => { readonly host: string; readonly port: number },
    private readonly cutConnections: () => void,
  ) {}

  /** Every call of a kind (or every call) waits so long before the server looks at it, milliseconds; 0 ends it. An append that the client gave up meanwhile is still stored. */
  delay(ms: number, which: CallKind | 'any' = 'any'): void {
    this.#delays.set(which, ms);
  }

  /** The next calls of a kind are never answered. A write is lost before its commit, or stored after it (the default). */
  drop(which: CallKind, { commit = 'after', times = 1 }: { commit?: 'before' | 'after'; times?: number } = {}): void {
    this.#plan(which, times, { kind: 'unanswered', stored: commit === 'after' });
  }

  /** From now on accepts everything and answers nothing, not even on open subscriptions, until `resume`. The connections stay alive. */
  stall(): void {
    if (this.#stalled) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stalled = { over: promise, end: resolve };
  }

  /** Ends a stall: what has waited is served now. */
  resume(): void {
    this.#stalled?.end();
    this.#stalled = undefined;
  }

  /** Cuts every connection as a broken network would; new ones are accepted. Appends under way may be stored. */
  kill(): void {
    this.cutConnections();
  }

  /** The next calls of a kind are told that another server leads: this one, unless the test names another. Nothing is stored. */
  notLeader(times = 1, which: CallKind = 'append', leader?: { host: string; port: number }): void {
    const { host, port } = leader ?? this.address();
    this.#plan(which, times, { kind: 'failed', failure: callFailure.notLeader(host, port), stored: false });
  }

  /** The next calls of a kind end with UNAVAILABLE. On a batch stream this ends every append under way on it. */
  unavailable(times = 1, { stored = false, which = 'append' }: { stored?: boolean; which?: CallKind } = {}): void {
    this.#plan(which, times, { kind: 'failed', failure: callFailure.unavailable(), stored });
  }

  /** The next appends are refused in the way that leaves the batch stream open. Nothing is stored. */
  refuse(refusal: Refusal, times = 1): void {
    this.#plan('append', times, { kind: 'refused', refusal });
  }

  /** The next questions for the server's features end with this status. */
  wrongFeatures(code: status, times = 1): void {
    this.#plan('features', times, { kind: 'failed', failure: callFailure.withCode(code), stored: false });
  }

  /** Takes back every fault that has not happened yet, and ends stalls and delays. */
  clear(): void {
    this.#planned = [];
    this.#delays.clear();
    for (const [timer, over] of this.#waiting) {
      clearTimeout(timer);
      over();
    }
    this.#waiting.clear();
    this.resume();
  }

  /** What has arrived so far. */
  get seen(): Seen {
    return { calls: { ...this.#calls }, deadlines: this.#deadlines, subscriptions: this.#subscriptions };
  }

  /** For the server: counts a call, holds it up as planned and says what becomes of it. */
  async meet(which: CallKind): Promise<Fate> {
    this.#calls[which] += 1;
    const fate = this.#next(which);
    const ms = this.#delays.get(which) ?? this.#delays.get('any') ?? 0;
    if (ms > 0) await this.#wait(ms);
    await this.passing();
    return fate;
  }

  /** For the server: waits while everything is stalled. */
  async passing(): Promise<void> {
    while (this.#stalled) await this.#stalled.over;
  }

  /** For the server: a deadline was seen. */
  noteDeadline(): void {
    this.#deadlines += 1;
  }

  /** For the server: a subscription began (1) or ended (-1). */
  noteSubscription(change: 1 | -1): void {
    this.#subscriptions += change;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        resolve();
      }, ms);
      this.#waiting.set(timer, resolve);
    });
  }

  #plan(which: CallKind | 'any', times: number, fate: Fate): void {
    this.#planned.push({ which, fate, times });
  }

  #next(which: CallKind): Fate {
    const planned = this.#planned.find((each) => each.which === which || each.which === 'any');
    if (!planned) return SERVED;
    planned.times -= 1;
    if (planned.times <= 0) this.#planned.splice(this.#planned.indexOf(planned), 1);
    return planned.fate;
  }
}
